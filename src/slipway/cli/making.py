"""Commands that write new use cases."""
