"""Fetches one commit, or the whole history, into the workspace."""

import os
import subprocess
from pathlib import Path


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True)


def main() -> None:
    """Do what the action does with a token, over a file instead of a network."""
    reference, depth = os.environ["REF"], os.environ["DEPTH"]
    wanted = os.environ["SHA"] or reference
    short = reference.removeprefix("refs/").removeprefix("heads/")
    if not Path(".git").exists():
        git("init", "-q", "-b", "main", ".")
        git("remote", "add", "origin", f"https://github.com/{os.environ['REPOSITORY']}")
    if depth == "0":
        git("fetch", "-q", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*", wanted)
    else:
        git("fetch", "-q", "--no-tags", f"--depth={depth}", "origin", wanted)
    if reference.startswith("refs/pull/") or reference == wanted:
        git("checkout", "-q", "--force", "--detach", "FETCH_HEAD" if depth != "0" else wanted)
    else:
        git("checkout", "-q", "--force", "-B", short, "FETCH_HEAD" if depth != "0" else wanted)
    git("--no-pager", "log", "-1", "--format=%H %s")


if __name__ == "__main__":
    main()
