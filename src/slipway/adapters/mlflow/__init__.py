"""MLflow: the registry, its errors made ours, and an in-memory twin."""
