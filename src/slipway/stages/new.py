"""Writes a new use case: its folder, its tests, its section of params.yaml; all of it or nothing."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from slipway.core.errors import DataMissing, NameRefused, ParamsInvalid
from slipway.core.params import Params
from slipway.making.csv_text import Sheet, read_sheet
from slipway.making.draft import Draft, Request, draft
from slipway.making.naming import objection
from slipway.making.notes import notes
from slipway.making.params_text import with_section
from slipway.making.rendering import Rendered, csv_source, render, sample_source
from slipway.making.samples import collect_sample
from slipway.workspace.files import unwritable, write_text
from slipway.workspace.params import parse_params
from slipway.workspace.sections import FILE


@dataclass(frozen=True)
class Made:
    """What was written, relative to the project, and what to know about it."""

    written: tuple[str, ...]
    notes: tuple[str, ...]


def new(root: Path, request: Request, csv: Path | None) -> Made:
    """Write a use case from a CSV file, or on a made-up table.

    Raises:
        NameRefused: the name is taken or not possible.
        DataMissing: there is no such CSV file.
        DataUnfit: nothing can be learned from it as it is.
        ParamsInvalid: params.yaml is not valid, or cannot be added to.
        WriteFailed: the disk is full or read-only; nothing of the use case stays.
    """
    before = _text_of_params(root)
    _refuse_name(root, request.name, parse_params(before))
    made, rendered, data = _from_sample(request) if csv is None else _from_csv(request, csv)
    after = with_section(before, rendered.params)
    _require_only_added(before, after, request.name)
    folders = {
        f"src/use_cases/{request.name}": {**{name: text.encode() for name, text in rendered.code.items()}, **data},
        f"tests/use_cases/{request.name}": {f"test_{request.name}.py": rendered.tests.encode()},
    }
    _write(root, folders, after)
    written = [f"{folder}/{name}" for folder, contents in folders.items() for name in contents]
    return Made((*written, f"{FILE} (section use_cases.{request.name})"), notes(made, request))


def _text_of_params(root: Path) -> str:
    try:
        return (root / FILE).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ParamsInvalid(
            f"{FILE} cannot be read: {error}", cause="it was moved or damaged", next_step="restore it from Git"
        ) from error


def _refuse_name(root: Path, name: str, params: Params) -> None:
    problem = objection(name)
    if problem is not None:
        raise NameRefused(
            f"a use case cannot be called {name!r}: {problem}",
            cause="the name becomes a folder, a Python module, a key of params.yaml and a model in the registry",
            next_step="choose another name, such as late_deliveries",
        )
    taken = [
        f"{place}/{name}" for place in ("src/use_cases", "tests/use_cases", "data") if (root / place / name).exists()
    ]
    taken += [f"{FILE}: use_cases.{name}"] if name in params.use_cases else []
    if taken:
        raise NameRefused(
            f"{name!r} is taken: {', '.join(taken)} exists",
            cause="there is a use case of this name, or remains of one",
            next_step="choose another name, or remove what is named above",
        )


def _from_csv(request: Request, path: Path) -> tuple[Draft, Rendered, Mapping[str, bytes]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataMissing(
            f"{path} cannot be read: {error.strerror or error}",
            cause="the path is misspelt, or is no file",
            next_step="check the path given with --data",
        ) from error
    sheet: Sheet = read_sheet(content, path.name)
    made = draft(request, sheet.cells, origin=path.name, decimal=sheet.decimal)
    return made, render(made, origin=path.name, source=csv_source(made, sheet)), {"source/data.csv": content}


def _from_sample(request: Request) -> tuple[Draft, Rendered, Mapping[str, bytes]]:
    frame = collect_sample(request.task)
    cells = frame.astype(object).map(str).mask(frame.isna(), None)
    made = draft(request, cells, origin="the made-up table")
    return made, render(made, origin="a made-up table", source=sample_source(request.task)), {}


def _require_only_added(before: str, after: str, name: str) -> None:
    """The new text must be valid, and mean what the old one meant and the new section."""
    old, new_params = parse_params(before).use_cases, dict(parse_params(after).use_cases)
    new_params.pop(name, None)
    if old != new_params:
        raise ParamsInvalid(
            f"a section cannot be added to {FILE} without changing others",
            cause="the file is written in an unusual way, such as with anchors or braces",
            next_step="write `use_cases:` on a line of its own, its entries indented below it",
        )


def _write(root: Path, folders: Mapping[str, Mapping[str, bytes]], params: str) -> None:
    """Folders first; the section of params.yaml, last, is what makes the use case count."""
    done: list[Path] = []
    try:
        for folder, contents in folders.items():
            _write_folder(root, root / folder, contents)
            done.append(root / folder)
        write_text(root / FILE, params)
    except BaseException:
        for path in done:
            shutil.rmtree(path, ignore_errors=True)
        raise


def _write_folder(root: Path, folder: Path, contents: Mapping[str, bytes]) -> None:
    """Prepared where nobody looks for use cases, then moved."""
    temporary: Path | None = None
    try:
        (root / ".slipway").mkdir(exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix="new.", dir=root / ".slipway"))
        for name, content in contents.items():
            (temporary / name).parent.mkdir(exist_ok=True)
            (temporary / name).write_bytes(content)
        temporary.chmod(0o755)
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary.rename(folder)
    except OSError as error:
        raise unwritable(folder, error) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
