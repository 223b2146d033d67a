"""Drift, performance, the decision to retrain."""
