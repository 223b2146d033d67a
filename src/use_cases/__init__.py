"""One folder a use case; found by discovery."""
