"""What is needed to serve the model by other servers."""
