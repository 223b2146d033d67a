"""Commits what changed, pushes the branch for real, and opens a pull request unless one is open."""

import json
import os
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def main() -> None:
    """Do nothing where nothing changed, as the action does."""
    branch = os.environ["BRANCH"]
    git("add", "--all", "--", *(os.environ["ADD"].replace(",", "\n").split() or ["."]))
    if not git("diff", "--cached", "--name-only"):
        print("nothing changed: no pull request")
        return
    git("checkout", "-q", "-B", branch)
    git("commit", "-q", "-m", os.environ["MESSAGE"])
    git("push", "-q", "--force", "origin", f"HEAD:refs/heads/{branch}")
    owner = os.environ["GITHUB_REPOSITORY"].partition("/")[0]
    open_ones = _ask("GET", f"/pulls?state=open&head={urllib.parse.quote(f'{owner}:{branch}')}")
    number = open_ones[0]["number"] if open_ones else _ask("POST", "/pulls", _request(branch))["number"]
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.write(f"pull-request-number={number}\n")
    print(f"pull request {number} from {branch}")


def _request(branch: str) -> dict[str, str]:
    path = os.environ["BODY_PATH"]
    body = Path(path).read_text(encoding="utf-8") if path else os.environ["BODY"]
    return {"title": os.environ["TITLE"], "body": body, "head": branch, "base": os.environ["BASE"]}


def _ask(method: str, path: str, body: dict[str, str] | None = None) -> Any:
    url = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}{path}"
    content = json.dumps(body).encode() if body else None
    headers = {"Authorization": f"Bearer {os.environ['TOKEN']}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=content, headers=headers, method=method)  # noqa: S310  # ours
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.load(answer)


if __name__ == "__main__":
    main()
