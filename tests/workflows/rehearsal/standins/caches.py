"""Caches by scope: a run reads its own scope and the default branch's, and writes its own only."""

import os
import shutil
import sys
from pathlib import Path

import environment

DEFAULT = "refs/heads/main"


def restore() -> None:
    """Bring the newest cache that fits: the exact key first, then each prefix; tell what was found."""
    key, wanted = os.environ["KEY"], os.environ["CACHED"].split()
    print(f"::debug::caches of {' and '.join(_scopes())}")
    if wanted == [".venv"]:
        checkout = Path(os.environ["REHEARSAL_CHECKOUT"])
        found = key if environment.place(Path.cwd(), checkout, os.environ["REHEARSAL_STAMP"]) else None
    else:
        found = _bring(key, wanted)
    _output("cache-primary-key", key)
    _output("cache-hit", "true" if found == key else "false" if found else "")
    _output("cache-matched-key", found or "")
    print(f"restored {found}" if found else f"nothing cached for {key}")


def save() -> None:
    """Keep a copy, unless the scope has one of that key."""
    into = _folder(_own()) / _safe(os.environ["KEY"])
    into.parent.mkdir(parents=True, exist_ok=True)
    if into.exists():
        print("a cache of that key is there already")
        return
    making = into.with_name(f".{into.name}.{os.getpid()}")
    for path in os.environ["CACHED"].split():
        if Path(path).is_dir():
            shutil.copytree(path, making / path, symlinks=True)
    if making.exists():
        making.rename(into)


def _bring(key: str, wanted: list[str]) -> str | None:
    prefixes = [key, *os.environ["RESTORE_KEYS"].split()]
    for scope in _scopes():
        for prefix in prefixes:
            held = [path for path in _folder(scope).glob("[!.]*") if path.name.startswith(_safe(prefix))]
            if held:
                newest = max(held, key=lambda path: path.stat().st_mtime)
                for path in wanted:
                    if (newest / path).is_dir():
                        shutil.copytree(newest / path, path, symlinks=True, dirs_exist_ok=True)
                return key if newest.name == _safe(key) else newest.name
    return None


def _own() -> str:
    return os.environ["REHEARSAL_SCOPE"]


def _scopes() -> list[str]:
    return list(dict.fromkeys([_own(), DEFAULT]))


def _folder(scope: str) -> Path:
    return Path(os.environ["REHEARSAL_CACHES"], _safe(scope))


def _safe(name: str) -> str:
    return name.replace("/", "_")


def _output(name: str, value: str) -> None:
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.write(f"{name}={value}\n")


if __name__ == "__main__":
    {"restore": restore, "save": save}[sys.argv[1]]()
