"""What `make bench` measures, one part a file."""
