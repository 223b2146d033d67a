"""Great Expectations: the validator, and an in-memory twin."""
