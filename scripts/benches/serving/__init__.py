"""Our endpoint beside other servers of the same model; used by scripts/bench_serving.py."""
