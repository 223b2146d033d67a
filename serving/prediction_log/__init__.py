"""The record of what was asked and answered: written beside the requests, bounded in memory, never in their way."""
