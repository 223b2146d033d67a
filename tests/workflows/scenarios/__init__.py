"""What the workflows are rehearsed on, one file a story."""
