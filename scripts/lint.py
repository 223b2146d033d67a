"""What is neither Python nor prose: workflows, actions, Dockerfiles, shell scripts; and secrets, in any file.

`python scripts/lint.py` checks the project it lies in; another folder can be named. Needs .venv and no network.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
BIN = Path(sys.prefix) / "bin"
CACHE = PROJECT / "build" / "kingfisher"
SHELL = re.compile(rb"#!.*\b(ba|da)?sh\b")


def main(folder: Path) -> int:
    """Run every check that has something to look at, all at once; 1 when one of them found something."""
    files = own_files(folder)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None) as pool:
        found = [text for text in pool.map(lambda command: run(command, folder), checks(folder, files)) if text]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


def checks(folder: Path, files: list[str]) -> Iterator[list[str]]:
    """The commands to run. A kind of file that is not there needs none."""
    workflows = matching(files, r"\.github/workflows/[^/]+\.ya?ml")
    actions = matching(files, r"\.github/actions/.+/action\.ya?ml")
    dockerfiles = matching(files, r"(.+/)?Dockerfile(\.[^/]+)?")
    shell = [name for name in files if SHELL.match(first_line(folder / name))]
    if files:
        yield secrets(files)
    if workflows:
        yield ["actionlint", "-no-color", "-pyflakes=", f"-shellcheck={BIN / 'shellcheck'}", *workflows]
    if workflows or actions:
        yield ["zizmor", "--quiet", "--pedantic", "--offline", "--strict-collection", "--no-progress", ".github"]
    for schema, named in (
        ("vendor.github-workflows", workflows),
        ("vendor.github-actions", actions),
        ("vendor.dependabot", matching(files, r"\.github/dependabot\.ya?ml")),
        ("vendor.compose-spec", matching(files, r"compose\.ya?ml")),
    ):
        if named:
            yield ["check-jsonschema", "--quiet", "--builtin-schema", schema, *named]
    if dockerfiles:
        yield ["hadolint", "--no-color", *dockerfiles]
    if shell:
        yield ["shellcheck", "--norc", "--", *shell]


def secrets(files: list[str]) -> list[str]:
    """The scan for secrets: asks no network; a finding's value is shown as a hash, since logs may be public."""
    quiet = ["--quiet", "--redact", "--no-update-check", "--no-validate"]
    return ["kingfisher", "scan", *quiet, "--git-history", "none", "--rule-cache-dir", str(CACHE), *files]


def run(command: list[str], folder: Path) -> str:
    """What a command says when it fails, with the command above it; nothing when all is well."""
    program, *arguments = command
    done = subprocess.run(
        [BIN / program, *arguments], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode == 0:
        return ""
    return f"{program} (exit code {done.returncode}):\n{done.stdout}{done.stderr}".rstrip()


def own_files(folder: Path) -> list[str]:
    """Paths of all files that are tracked, or would be with the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    return sorted({name for name in listed.split("\0") if name and (folder / name).is_file()})


def matching(files: list[str], pattern: str) -> list[str]:
    """Those whose whole path matches."""
    return [name for name in files if re.fullmatch(pattern, name)]


def first_line(path: Path) -> bytes:
    """A file's first line, as bytes, for it may be anything."""
    with path.open("rb") as file:
        return file.readline(200)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else PROJECT))
