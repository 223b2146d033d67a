"""What act's JSON log says: which jobs ran, how each ended, how long each step took."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_CARRIED_ON = "Failed but continue next step"
_OF_THE_FILE_ITSELF = 2  # parts of a label
_INNER = 2  # a step within a composite action has a path of that many ids
_ANNOTATIONS = ("notice", "warning", "error")  # act takes them for commands, not for output


@dataclass
class Step:
    name: str
    result: str = "unfinished"
    seconds: float = 0.0
    ended: float = 0.0
    tolerated: bool = False


@dataclass
class Job:
    """A job of one run; ``seconds`` is 0 for one that never started."""

    name: str
    identity: str
    result: str = "unfinished"
    began: float = 0.0
    ended: float = 0.0
    steps: list[Step] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    @property
    def output(self) -> str:
        return "".join(self.text)

    def step(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)


def read_log(lines: Iterable[str]) -> tuple[Job, ...]:
    """Jobs in the order in which they started. Lines that are no JSON, and those of no job, are passed over."""
    jobs: dict[str, Job] = {}
    blamed: set[str] = set()
    for line in lines:
        entry = _entry(line)
        if entry is None:
            continue
        name = job_name(entry["job"])
        job = jobs.setdefault(name, Job(name, entry["jobID"], began=_time(entry)))
        job.ended = _time(entry)
        _note(job, entry, blamed)
    for job in jobs.values():
        _acquit(job, jobs.values(), blamed)
    return tuple(jobs.values())


def job_name(label: str) -> str:
    """How GitHub names it, without the numbers that act gives to members of a matrix.

    Act writes "workflow/job", and for a job of a reusable workflow "caller/workflow/job", as deep as they are called.
    """
    parts = [re.sub(r"-\d+$", "", part.strip()) for part in label.split("/")]
    own = parts[1:] if len(parts) == _OF_THE_FILE_ITSELF else parts[::2]
    return " / ".join(own)


def _entry(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "job" in entry else None


def _time(entry: dict[str, Any]) -> float:
    return datetime.fromisoformat(entry["time"].replace("Z", "+00:00")).timestamp()


def _note(job: Job, entry: dict[str, Any], blamed: set[str]) -> None:
    if entry.get("raw_output"):
        job.text.append(entry["msg"])
    if entry.get("command") in _ANNOTATIONS:
        job.text.append(f"{entry['arg']}\n")
    if "jobResult" in entry:
        job.result = entry["jobResult"]
    ids = entry.get("stepID") or []
    if entry.get("stage") == "Main" and len(ids) < _INNER and ids:
        _note_step(job, entry, blamed)


def _note_step(job: Job, entry: dict[str, Any], blamed: set[str]) -> None:
    name = entry["step"].strip()
    if entry["msg"].startswith("⭐ Run Main"):
        job.steps.append(Step(name))
    step = job.steps[-1] if job.steps else Step(name)
    if entry["msg"].strip() == _CARRIED_ON:
        step.tolerated = True
    if "stepResult" in entry:
        step.result = entry["stepResult"]
        step.ended = _time(entry)
        step.seconds = entry.get("executionTime", 0) / 1e9
        if step.result == "failure" and not step.tolerated:
            blamed.add(job.name)


def _acquit(job: Job, jobs: Iterable[Job], blamed: set[str]) -> None:
    """Act calls all members of a matrix failed when one is; GitHub, and we, only that one."""
    others = any(other.identity == job.identity and other.name in blamed for other in jobs)
    if job.result == "failure" and job.name not in blamed and others:
        job.result = "success"
