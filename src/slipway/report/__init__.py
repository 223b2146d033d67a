"""Markdown and charts from a record."""
