"""One file a foreign system, its in-memory twin beside it."""
