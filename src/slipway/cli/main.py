"""All commands together, and what becomes of an error."""

import gc
import importlib
import os
import sys
import tempfile
import traceback
from typing import Any, NoReturn

import click
import typer

from slipway.cli.app import app
from slipway.core.errors import Interrupted, SlipwayError

# importing all commands takes longer than such a command itself
_ALONE = {"plan": "slipway.cli.planning"}

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
    try:
        importlib.import_module(_ALONE.get("".join(sys.argv[1:2]), "slipway.cli.commands"))
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
    finally:
        gc.freeze()  # or Python spends up to a second, at its exit, on looking through all that was imported


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
