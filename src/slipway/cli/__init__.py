"""The command line. It imports little: what a command needs is imported when it runs."""

from slipway.cli.app import main

__all__ = ["main"]
