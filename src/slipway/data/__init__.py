"""Cleaning and splitting tables."""
