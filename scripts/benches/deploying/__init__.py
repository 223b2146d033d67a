"""Releases, measured in a real cluster."""
