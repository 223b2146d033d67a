"""What a command tells the workflow that runs it."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

Outputs = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Append name=value lines to a file, as GitHub Actions reads them."),
]


def append_outputs(file: Path | None, values: Mapping[str, str]) -> None:
    """Append values in the format of ``$GITHUB_OUTPUT``; nothing where there is no file.

    A value of several lines is framed by a word that nobody can guess, so that no value can pose as another output.

    Raises:
        WriteFailed: the file could not be written.
    """
    from slipway.workspace.files import unwritable

    if file is None:
        return
    text = "".join(_entry(name, value) for name, value in values.items())
    try:
        with file.open("a", encoding="utf-8") as outputs:
            outputs.write(text)
    except OSError as error:
        raise unwritable(file, error) from error


def _entry(name: str, value: str) -> str:
    if len(value.splitlines()) <= 1:
        return f"{name}={value.rstrip()}\n"
    frame = f"end-{secrets.token_hex(16)}"
    return f"{name}<<{frame}\n{value}\n{frame}\n"
