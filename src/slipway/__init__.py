"""Slipway: the way of a model from pull request to production endpoint."""
