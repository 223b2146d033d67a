"""The application that commands are added to, and what becomes of an error."""

import gc
import os
import sys
import tempfile
import traceback
from typing import Annotated, Any, NoReturn

import click
import typer

from slipway.core.errors import Interrupted, SlipwayError

app = typer.Typer(
    help="From pull request to production endpoint, for machine-learning models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Name = Annotated[str, typer.Argument(metavar="USE_CASE", help="A folder of src/use_cases.", show_default=False)]

_INTERRUPTED = Interrupted(
    "interrupted", cause="Ctrl-C", next_step="run the same command again; it picks up where it stopped"
)

# by default 700: importing MLflow or Great Expectations makes a million objects, and a fifth of the time went into
# looking through them for garbage
_GARBAGE_BEFORE_COLLECTING = 50_000
# Typer carries a Click of its own, of which it offers only this error's child
_USAGE_ERROR: Any = typer.BadParameter.__base__


def main() -> NoReturn:
    """Run the command line; an error of ours becomes three lines on stderr and its own exit code."""
    gc.set_threshold(_GARBAGE_BEFORE_COLLECTING)
    from slipway.cli import making, operating, running, stages, telling  # noqa: F401 - they add their commands

    try:
        sys.exit(app(standalone_mode=False) or 0)
    except (typer.Abort, KeyboardInterrupt):
        _fail(_INTERRUPTED)
    except _USAGE_ERROR as error:
        error.show()
        sys.exit(error.exit_code)
    except SlipwayError as error:
        _fail(error)
    except Exception as error:  # a traceback is for whoever mends us, not for whoever runs us
        _fail(_unforeseen(error))


def _unforeseen(error: Exception) -> SlipwayError:
    return SlipwayError(
        f"the command failed unexpectedly: {type(error).__name__}: {error}",
        cause="a mistake in Slipway, or something that a library it uses did not foresee",
        next_step=f"{_keep_traceback(error)}; `slipway doctor` examines this machine",
    )


def _keep_traceback(error: Exception) -> str:
    try:
        handle, path = tempfile.mkstemp(prefix="slipway-", suffix=".traceback.txt", text=True)
        with os.fdopen(handle, "w") as file:
            traceback.print_exception(error, file=file)
    except OSError:
        return "the traceback could not be kept"
    return f"the traceback is in {path}"


def _fail(error: SlipwayError) -> NoReturn:
    click.echo(f"error: {error}", err=True)
    sys.exit(error.exit_code)
