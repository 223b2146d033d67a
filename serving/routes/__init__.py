"""The routes and their documents."""
