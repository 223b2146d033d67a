"""How a command waits for another that writes the same files."""

import click

PATIENCE: float = 600


def say_who_holds(holder: str) -> None:
    """Tell why nothing happens."""
    click.echo(f"waiting for {holder}", err=True)
