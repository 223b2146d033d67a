"""All use cases as a static site: an index and a page a use case. Pure functions."""
