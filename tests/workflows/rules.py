"""What every workflow of this project keeps to. Each rule takes a file's path and text, and returns what breaks it."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} +# v\d+(\.\d+)*")
SAME_REPOSITORY = "github.event.pull_request.head.repo.full_name == github.repository"
SECRET = re.compile(r"\bsecrets\b")
FOREIGN = re.compile(r"github\.event\.(workflow_run|pull_request)\.|github\.head_ref")
CACHING = {"actions/setup-python": "cache", "actions/setup-node": "cache", "astral-sh/setup-uv": "enable-cache"}
TRUSTED = {"github.event_name == 'push'", "inputs.trusted"}


def rights_are_given_per_job(path: str, text: str) -> list[str]:
    document = parsed(text)
    complaints = [] if document.get("permissions") == {} else ["permissions at the top is not {}"]
    return complaints + [f"{name}: no permissions" for name, job in jobs(document) if "permissions" not in job]


def every_job_ends(path: str, text: str) -> list[str]:
    """A job that calls a workflow takes its timeouts from there."""
    bounded = re.compile(r"[1-9]\d{0,2}")
    return [
        f"{name}: no timeout-minutes"
        for name, job in jobs(parsed(text))
        if "uses" not in job and not bounded.fullmatch(str(job.get("timeout-minutes", "")))
    ]


def runs_do_not_pile_up(path: str, text: str) -> list[str]:
    """A workflow that is only called belongs to its caller's group."""
    document = parsed(text)
    if set(triggers(document)) == {"workflow_call"} or "concurrency" in document:
        return []
    return [f"{name}: no concurrency" for name, job in jobs(document) if "concurrency" not in job]


def nothing_is_pasted_into_a_script(path: str, text: str) -> list[str]:
    scripts = [
        script for step in steps(parsed(text)) for script in (step.get("run"), step.get("with", {}).get("script"))
    ]
    return [f"expression in: {script.strip()}" for script in scripts if script and "${{" in script]


def actions_are_pinned(path: str, text: str) -> list[str]:
    """Ours begin with ./ and come with the commit itself."""
    used = re.findall(r"^[\s-]*uses: *(.+?) *$", text, re.MULTILINE)
    count = len(re.findall(r"\buses['\"]?\s*:", re.sub(r"(?m)(^|\s)#.*$", "", text)))
    hidden = ["uses: is not on a line of its own"] if count != len(used) else []
    return hidden + [line for line in used if not line.startswith("./.github/") and not PINNED.fullmatch(line)]


def checkouts_leave_no_token(path: str, text: str) -> list[str]:
    return [
        "actions/checkout without persist-credentials: false"
        for step in steps(parsed(text))
        if action(step) == "actions/checkout" and step.get("with", {}).get("persist-credentials") != "false"
    ]


def foreign_code_has_no_rights(path: str, text: str) -> list[str]:
    """A workflow with the rights of main neither starts for a pull request nor checks one out."""
    document = parsed(text)
    if "pull_request_target" in triggers(document):
        return ["pull_request_target"]
    if "workflow_run" not in triggers(document):
        return []
    return [
        "checks out what started it"
        for step in steps(document)
        if action(step) == "actions/checkout" and FOREIGN.search(str(step.get("with", {})))
    ]


def forks_meet_no_secret(path: str, text: str) -> list[str]:
    """For pull requests, a secret goes only by name to a workflow of ours that is told whether it may use it."""
    document = parsed(text)
    complaints = [f"{name}: secrets: inherit" for name, job in jobs(document) if job.get("secrets") == "inherit"]
    if not {"pull_request", "workflow_run"} & set(triggers(document)):
        return complaints
    if SECRET.search(str({key: value for key, value in document.items() if key != "jobs"})):
        complaints.append("a secret for all jobs")
    for name, job in jobs(document):
        told = str(job.get("with", {}).get("trusted", "")).strip("${} ") == SAME_REPOSITORY
        exposed = {key: value for key, value in job.items() if not (key == "secrets" and told)}
        if SECRET.search(str([*exposed.values()])) or ("secrets" in exposed and "uses" in job):
            complaints.append(f"{name}: a secret")
    return complaints


def forks_fill_no_cache(path: str, text: str) -> list[str]:
    """Caches are read by everybody, and written by a step of its own whose condition says for whom."""
    complaints = []
    for step in steps(parsed(text)):
        name = action(step)
        if name == "actions/cache":
            complaints.append("actions/cache writes whoever runs it: use its restore and save")
        if name == "actions/cache/save" and not TRUSTED & {part.strip(" ${}") for part in condition(step)}:
            complaints.append(f"actions/cache/save for anybody: if: {step.get('if')}")
        if step.get("with", {}).get(CACHING.get(name, ""), "false") != "false":
            complaints.append(f"{name} writes a cache of its own")
        if name == "astral-sh/setup-uv" and "enable-cache" not in step.get("with", {}):
            complaints.append(f"{name} writes a cache of its own unless told otherwise")
    return complaints


RULES = (
    rights_are_given_per_job,
    every_job_ends,
    runs_do_not_pile_up,
    nothing_is_pasted_into_a_script,
    actions_are_pinned,
    checkouts_leave_no_token,
    foreign_code_has_no_rights,
    forks_meet_no_secret,
    forks_fill_no_cache,
)
FOR_ACTIONS = (nothing_is_pasted_into_a_script, actions_are_pinned, checkouts_leave_no_token, forks_fill_no_cache)


def parsed(text: str) -> dict[str, Any]:
    """The file, every scalar as text, so that `on` and `false` stay what they are."""
    return yaml.load(text, yaml.BaseLoader)  # noqa: S506 - makes nothing but text, lists and mappings


def triggers(document: dict[str, Any]) -> list[str]:
    started = document.get("on", [])
    return [started] if isinstance(started, str) else list(started)


def jobs(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return list(document.get("jobs", {}).items())


def steps(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Those of a workflow's jobs, or of a composite action."""
    for _, job in jobs(document):
        yield from job.get("steps", [])
    yield from document.get("runs", {}).get("steps", [])


def action(step: dict[str, Any]) -> str:
    return str(step.get("uses", "")).partition("@")[0]


def condition(step: dict[str, Any]) -> list[str]:
    """What all must hold. With an `||` in it the whole is one part, since no piece of it decides alone."""
    text = str(step.get("if", ""))
    return [text] if "||" in text else text.split("&&")
