"""The process: its socket, its connections, its signals and its end."""
