"""Puts the checkout's environment into a job's workspace, as if it had been made and cached there.

On GitHub every job works in a folder of the same name, so that a cached environment fits as it is. Here each job has a
folder of its own; what names the folder (shebangs, the editable install, the stamp of scripts/bootstrap) is written
anew, and the packages themselves are links. Where the requirements differ from the checkout's, nothing is placed, and
scripts/bootstrap installs.
"""

import hashlib
import os
import shutil
from pathlib import Path

_GROUP = "dev"  # it holds what a run needs as well
_OURS = ("_slipway.pth", "slipway-")


def stamp_of(checkout: Path) -> str:
    """For which requirements scripts/bootstrap made the checkout's environment; empty where it did not."""
    stamp = checkout / ".venv" / f".slipway-{_GROUP}"
    return stamp.read_text() if stamp.is_file() else ""


def fits(tree: Path, checkout: Path, stamp: str) -> bool:
    """Whether the checkout's environment, of that stamp, is what the tree's requirements ask for."""
    return stamp.strip() == _stamp(tree, checkout).strip()


def place(workspace: Path, checkout: Path, stamp: str) -> bool:
    """Whether the checkout's environment, of that stamp, fitted and is there now."""
    source = checkout / ".venv"
    if not fits(workspace, checkout, stamp):
        return False
    target = workspace / ".venv"
    shutil.copytree(source / "bin", target / "bin", symlinks=True, copy_function=_script(source, target))
    shutil.copy(source / "pyvenv.cfg", target / "pyvenv.cfg")
    packages = next(source.glob("lib/python3*/site-packages"))
    _link(packages, target / packages.relative_to(source), checkout, workspace)
    (target / "lib64").symlink_to("lib")
    (target / f".slipway-{_GROUP}").write_text(_stamp(workspace, workspace))
    return True


def _stamp(tree: Path, where: Path) -> str:
    """What scripts/bootstrap writes for these requirements in a folder of that name."""
    files = (tree / "requirements" / "uv.txt", tree / "requirements" / f"{_GROUP}.txt", tree / "pyproject.toml")
    content = b"".join(file.read_bytes() for file in files) + f"{where}\n".encode()
    return f"{hashlib.sha256(content).hexdigest()}  -\n"


def _script(source: Path, target: Path):  # type: ignore[no-untyped-def]
    """Copies a text that names the old folder with the new one in its place; links to anything else."""

    def copy(old: str, new: str) -> None:
        with Path(old).open("rb") as file:
            text = file.read() if file.read(2) == b"#!" and not file.seek(0) else None
        if text is None:
            Path(new).symlink_to(old)
        else:
            Path(new).write_bytes(text.replace(os.fsencode(source), os.fsencode(target)))
            Path(new).chmod(0o755)

    return copy


def _link(packages: Path, target: Path, checkout: Path, workspace: Path) -> None:
    target.mkdir(parents=True)
    for entry in packages.iterdir():
        if not entry.name.startswith(_OURS):
            (target / entry.name).symlink_to(entry)
        elif entry.is_dir():
            shutil.copytree(entry, target / entry.name)
        else:
            (target / entry.name).write_text(entry.read_text().replace(str(checkout), str(workspace)))
