"""What a live model's log says: drift, data quality, performance, and whether to retrain. Pure functions."""
