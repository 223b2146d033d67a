"""Which actions a workflow uses, and what stands in for each here."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

STAND_INS = Path(__file__).parent / "standins"
_USES = re.compile(r"^\s*(?:-\s+)?uses:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)


def used_actions(root: Path, workflow: str) -> tuple[str, ...]:
    """Every ``owner/name[/path]@ref`` that a workflow uses, itself or through local workflows and actions; sorted."""
    found: set[str] = set()
    open_files = [root / ".github" / "workflows" / workflow]
    read: set[Path] = set()
    while open_files:
        file = open_files.pop()
        if file in read:
            continue
        read.add(file)
        uses = _USES.findall(file.read_text(encoding="utf-8"))
        found |= {use for use in uses if not use.startswith("./")}
        open_files += [_local(root / use) for use in uses if use.startswith("./")]
    return tuple(sorted(found))


def replacements(root: Path, workflow: str, folder: Path = STAND_INS) -> Mapping[str, Path]:
    """``owner/name@ref`` to the folder that stands in for it; raises LookupError where there is none."""
    known = {path.name.replace("--", "/", 1): path for path in folder.iterdir() if path.is_dir()}
    return dict(_replacements(used_actions(root, workflow), known))


def _local(path: Path) -> Path:
    return path if path.is_file() else path / "action.yml"


def _replacements(used: tuple[str, ...], known: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    for use in used:
        path, _, reference = use.partition("@")
        name = "/".join(path.split("/")[:2])
        if name not in known:
            raise LookupError(
                f"the workflows use {use}, for which nothing stands in here: add a folder "
                f"{name.replace('/', '--')} to tests/workflows/rehearsal/standins"
            )
        yield f"{name}@{reference}", known[name]
