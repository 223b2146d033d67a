"""Prediction logs that endpoints wrote: in a folder, in an object store, and in memory as their twin."""
