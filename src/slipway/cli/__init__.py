"""The command line. It imports little: what a command needs is imported when it runs."""

from slipway.cli.main import main

__all__ = ["main"]
