"""Which stages of which use cases a change affects, and why: read off dvc.yaml, without DVC."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from slipway.core.errors import ToolFailed
from slipway.ports import VersionControl
from slipway.workspace.params import sections

_EVERYTHING = "nothing to compare with"


@dataclass(frozen=True)
class Affected:
    """One stage of one use case that would run, and the reasons in words."""

    use_case: str
    stage: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class _State:
    """The files that decide, at one point in history."""

    params: Mapping[str, Any]
    raw: Mapping[str, str]


def plan(root: Path, vcs: VersionControl, base: str) -> tuple[Affected, ...]:
    """Compare the working tree with a commit.

    Where the commit is not known (a first push, a shallow clone), every stage is affected.

    Raises:
        ToolFailed: dvc.yaml has another shape than this reads.
        ParamsInvalid: params.yaml does not parse.
    """
    stages = _stages((root / "dvc.yaml").read_text(encoding="utf-8"))
    now = _State(sections((root / "params.yaml").read_text(encoding="utf-8")), _raw_digests(_text(root / "dvc.lock")))
    before = _before(vcs, base)
    changed = vcs.changed_since(base)
    return tuple(
        affected
        for name in now.params
        for affected in _affected(name, stages, changed, before, now)
        if affected.reasons
    )


def _before(vcs: VersionControl, base: str) -> _State | None:
    params = vcs.read(base, "params.yaml")
    return None if params is None else _State(sections(params), _raw_digests(vcs.read(base, "dvc.lock") or ""))


def _affected(
    name: str, stages: Mapping[str, Any], changed: Sequence[str], before: _State | None, now: _State
) -> list[Affected]:
    found: list[Affected] = []
    dirty: dict[str, str] = {}
    for stage, body in stages.items():
        filled = _filled(body, name)
        reasons = _reasons(filled, name, changed, before, now)
        reasons += [f"{dirty[out]} comes before it" for out in dirty if any(_within(d, out) for d in filled["deps"])]
        if stage == "collect" and before and before.raw.get(name) != now.raw.get(name):
            reasons.append("dvc.lock names other raw data")
        if reasons:
            dirty |= dict.fromkeys(filled["outs"], stage)
        found.append(Affected(name, stage, tuple(dict.fromkeys(reasons))))
    return found


def _reasons(
    stage: Mapping[str, list[str]], name: str, changed: Sequence[str], before: _State | None, now: _State
) -> list[str]:
    if before is None:
        return [_EVERYTHING]
    files = [path for path in changed if any(_within(path, dep) for dep in stage["deps"])]
    keys = [
        changed
        for key in stage["params"]
        for changed in _differences(_look_up(before.params, key), _look_up(now.params, key), key)
    ]
    return [f"{path} changed" for path in files] + [f"params.yaml: {key} changed" for key in keys]


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _differences(before: Any, now: Any, key: str) -> Iterator[str]:
    """The keys below ``key`` whose values differ, as deep as both sides are mappings."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in [*before, *(name for name in now if name not in before)]:
            yield from _differences(before.get(name), now.get(name), f"{key}.{name}")
    elif before != now:
        yield key


def _look_up(params: Mapping[str, Any], key: str) -> Any:
    value: Any = params
    for part in key.split(".")[1:]:  # the first is use_cases, which `params` is already below
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _filled(body: Mapping[str, Any], name: str) -> dict[str, list[str]]:
    """A stage's deps, params and outs with ``${key}`` filled in; an out may be a mapping of path to options."""
    return {
        kind: [
            (next(iter(e)) if isinstance(e, Mapping) else str(e)).replace("${key}", name) for e in body.get(kind, [])
        ]
        for kind in ("deps", "params", "outs")
    }


def _stages(text: str) -> Mapping[str, Any]:
    try:
        document = yaml.load(text, yaml.CSafeLoader)
        return {name: stage["do"] for name, stage in document["stages"].items()}
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ToolFailed(
            f"dvc.yaml cannot be read for a plan: {type(error).__name__}: {error}",
            cause="a stage without foreach and do, or a mistake in its YAML",
            next_step="run `dvc stage list --all` for DVC's own opinion",
        ) from error


def _raw_digests(lock: str) -> dict[str, str]:
    """Use case to the digest of its raw table in a dvc.lock."""
    try:
        stages = (yaml.load(lock, yaml.CSafeLoader) or {}).get("stages", {})
        collected = {name.partition("@")[2]: stage for name, stage in stages.items() if name.startswith("collect@")}
        return {name: stage["outs"][0]["md5"] for name, stage in collected.items()}
    except (yaml.YAMLError, KeyError, IndexError, TypeError, AttributeError):
        return {}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
