"""Artifacts of one run, as folders: what is uploaded under which name, and where it comes out."""

import fnmatch
import glob
import os
import shutil
import sys
from pathlib import Path


def upload() -> None:
    """Copy what the paths name below their common folder, as the action does."""
    into = _store() / os.environ["NAME"]
    searched = [line.strip() for line in os.environ["PATHS"].splitlines() if line.strip()]
    files = sorted({file for path in searched for file in _files(path)})
    if not files:
        _nothing_found(searched)
        return
    if into.exists() and os.environ["OVERWRITE"] != "true":
        sys.exit(f"an artifact named {into.name} is there already (409)")
    shutil.rmtree(into, ignore_errors=True)
    root = _root(searched, files)
    for file in files:
        target = into / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    print(f"uploaded {len(files)} files as {into.name}")


def download() -> None:
    """Copy one artifact, or all that fit a pattern, each into a folder of its name unless they are merged."""
    into = Path.cwd() / os.environ["INTO"]
    name, merge = os.environ["NAME"], os.environ["MERGE"] == "true"
    held = sorted(path for path in _store().glob("*") if path.is_dir())
    if name:
        found = [path for path in held if path.name == name]
        if not found:
            sys.exit(f"no artifact named {name}")
    else:
        found = [path for path in held if fnmatch.fnmatchcase(path.name, os.environ["PATTERN"] or "*")]
    for path in found:
        shutil.copytree(path, into if name or merge else into / path.name, dirs_exist_ok=True)
    print(f"downloaded {', '.join(path.name for path in found) or 'nothing'}")


def _store() -> Path:
    folder = Path(os.environ["REHEARSAL_ARTIFACTS"], os.environ["GITHUB_RUN_ID"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _files(path: str) -> list[Path]:
    found: list[Path] = []
    for name in glob.glob(path, recursive=True, include_hidden=True):  # noqa: PTH207  # pathlib cannot be told about hidden files
        one = Path(name).absolute()
        found += [file for file in one.rglob("*") if file.is_file()] if one.is_dir() else [one]
    if os.environ["HIDDEN"] == "true":
        return found
    return [file for file in found if not any(part.startswith(".") for part in file.relative_to(Path.cwd()).parts)]


def _root(searched: list[str], files: list[Path]) -> Path:
    """The deepest folder common to all searched paths, whether or not each was found."""
    literal = [Path(path.partition("*")[0]).absolute() for path in searched]
    if len(literal) == 1 and files == literal:
        return literal[0].parent
    return Path(os.path.commonpath(literal))


def _nothing_found(searched: list[str]) -> None:
    words = f"no files were found with the provided path: {', '.join(searched)}"
    if os.environ["NONE_FOUND"] == "error":
        sys.exit(words)
    if os.environ["NONE_FOUND"] == "warn":
        print(f"::warning::{words}")


if __name__ == "__main__":
    {"upload": upload, "download": download}[sys.argv[1]]()
