"""Pure: what is written to a cluster, and what its answers mean."""
