"""What the endpoint tells of itself: metrics, logs and traces."""
