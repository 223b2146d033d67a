"""Values and nothing else: what every other room speaks about."""
