"""The application that commands are added to."""

from typing import Annotated

import typer

app = typer.Typer(
    help="From pull request to production endpoint, for machine-learning models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Name = Annotated[str, typer.Argument(metavar="USE_CASE", help="A folder of src/use_cases.", show_default=False)]


@app.callback()  # without one, Typer takes a command that is alone for the whole application
def _commands() -> None:
    """From pull request to production endpoint, for machine-learning models."""
