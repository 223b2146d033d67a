"""Payloads as GitHub sends them, with the members that workflows read."""

from typing import Any

from tests.workflows.rehearsal.repository import HUB, NAME

Payload = dict[str, Any]
_REPOSITORY = {
    "full_name": NAME,
    "name": NAME.partition("/")[2],
    "owner": {"login": NAME.partition("/")[0]},
    "default_branch": "main",
    "private": False,
    "fork": False,
    "html_url": HUB,
}
_SENDER = {"login": "ada", "type": "User"}


def pull_request(
    number: int, *, base: str, head: str, branch: str, title: str, action: str = "opened", fork: str | None = None
) -> Payload:
    """``fork`` is the owner/name of the repository that the branch lies in, where that is not ours."""
    where = {**_REPOSITORY, "full_name": fork or NAME, "fork": fork is not None}
    return {
        "action": action,
        "number": number,
        "pull_request": {
            "number": number,
            "title": title,
            "draft": False,
            "html_url": f"{HUB}/pull/{number}",
            "head": {
                "ref": branch,
                "sha": head,
                "repo": where,
                "label": f"{where['full_name'].partition('/')[0]}:{branch}",
            },
            "base": {"ref": "main", "sha": base, "repo": _REPOSITORY},
            "user": _SENDER,
        },
        "repository": _REPOSITORY,
        "sender": _SENDER,
    }


def push(*, before: str, after: str, message: str) -> Payload:
    commit = {"id": after, "message": message, "url": f"{HUB}/commit/{after}", "author": {"name": "Ada"}}
    return {
        "ref": "refs/heads/main",
        "before": before,
        "after": after,
        "forced": False,
        "compare": f"{HUB}/compare/{before[:12]}...{after[:12]}",
        "head_commit": commit,
        "commits": [commit],
        "pusher": {"name": "ada"},
        "repository": _REPOSITORY,
        "sender": _SENDER,
    }


def dispatch(workflow: str, inputs: dict[str, str]) -> Payload:
    path = f".github/workflows/{workflow}"
    return {"ref": "refs/heads/main", "workflow": path, "inputs": inputs, "repository": _REPOSITORY, "sender": _SENDER}


def schedule(cron: str) -> Payload:
    return {"schedule": cron, "repository": _REPOSITORY}


def asked_by_program(kind: str, told: dict[str, str]) -> Payload:
    """What POST /repos/OWNER/NAME/dispatches makes of ``event_type`` and ``client_payload``."""
    return {"action": kind, "branch": "main", "client_payload": told, "repository": _REPOSITORY, "sender": _SENDER}


def workflow_run(of: int, *, name: str, event: str, sha: str, branch: str, repository: str, conclusion: str) -> Payload:
    """A run of another workflow that ended; GitHub names no pull request where it came from a fork."""
    run = {
        "id": of,
        "name": name,
        "event": event,
        "head_sha": sha,
        "head_branch": branch,
        "head_repository": {"full_name": repository, "fork": repository != NAME},
        "conclusion": conclusion,
        "status": "completed",
        "run_attempt": 1,
        "html_url": f"{HUB}/actions/runs/{of}",
        "pull_requests": [],
        "repository": _REPOSITORY,
    }
    return {
        "action": "completed",
        "workflow_run": run,
        "workflow": {"name": name},
        "repository": _REPOSITORY,
        "sender": _SENDER,
    }
