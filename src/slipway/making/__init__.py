"""From a table to a first use case: its code, its suite, its params, its tests."""
