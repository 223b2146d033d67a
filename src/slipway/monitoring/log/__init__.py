"""From the bytes of a prediction log to batches of rows, outcomes, and what was wrong with either."""
