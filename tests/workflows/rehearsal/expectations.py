"""What is held against a run: all jobs and how each ended, and that nothing secret is in what others can read."""

import base64
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from tests.workflows.rehearsal.log import Job

SUCCESS, FAILURE, SKIPPED = "success", "failure", "skipped"


def with_skipped(jobs: Iterable[Job], workflow: Path) -> dict[str, str]:
    """Results by name, and the jobs of the workflow file of which act says nothing because their `if` was false."""
    results = {job.name: job.result for job in jobs}
    for identity, job in yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"].items():
        if not any(_is_of(name, identity, job) for name in results):
            results[identity] = SKIPPED
    return results


def differences(results: Mapping[str, str], expected: Mapping[str, str]) -> list[str]:
    """What is missing, what was not expected, and what ended otherwise."""
    missing = [f"{name} did not run, expected {expected[name]}" for name in expected if name not in results]
    unknown = [f"{name} ended with {results[name]}, and was not expected" for name in results if name not in expected]
    others = [
        f"{name} ended with {results[name]}, expected {expected[name]}"
        for name in expected
        if name in results and results[name] != expected[name]
    ]
    return sorted(missing + unknown + others)


def leaks(secrets: Mapping[str, str], *places: Path, texts: Mapping[str, str] | None = None) -> list[str]:
    """Where the value of a secret stands, in files (archives opened) or texts; plain, or in base64."""
    forms = {
        name: (value.encode(), base64.b64encode(value.encode()).rstrip(b"=")[:-1]) for name, value in secrets.items()
    }
    found = []
    for place, content in _contents(places, texts or {}):
        found += [
            f"{name} in {place}" for name, (plain, coded) in forms.items() if plain in content or coded in content
        ]
    return found


def _contents(places: Iterable[Path], texts: Mapping[str, str]) -> Iterable[tuple[str, bytes]]:
    yield from ((name, text.encode()) for name, text in texts.items())
    for place in places:
        for file in [place] if place.is_file() else sorted(place.rglob("*")):
            if not file.is_file():
                continue
            yield str(file), file.read_bytes()
            if zipfile.is_zipfile(file):
                with zipfile.ZipFile(file) as archive:
                    yield from ((f"{file}:{name}", archive.read(name)) for name in archive.namelist())


def _is_of(name: str, identity: str, job: Mapping[str, str]) -> bool:
    shown = re.sub(r"\\\$\\\{\\\{.*?\\\}\\\}", ".*", re.escape(str(job.get("name", identity))))
    return re.fullmatch(f"{shown}( / .*)?", name) is not None
