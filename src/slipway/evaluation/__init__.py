"""Metrics with intervals, paired comparison, gates."""
