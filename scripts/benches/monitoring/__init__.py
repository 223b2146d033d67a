"""What `make bench-monitoring` measures, one part a file."""
