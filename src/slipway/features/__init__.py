"""Building blocks that use cases compose."""
