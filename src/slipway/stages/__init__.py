"""One file a stage: read inputs, call pure functions and ports, write outputs."""
