"""The model at work: rows in, predictions and explanations out."""
