"""A live model over months of traffic, with other policies of retraining beside ours; scripts/replay.py says how."""
