"""Levels month by month, where they may go, and how far such forecasts were off."""
