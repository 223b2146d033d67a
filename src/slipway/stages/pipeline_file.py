"""The stages as dvc.yaml declares them, and the raw data that dvc.lock names: read as text, without DVC."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from slipway.core.errors import ToolFailed

FILE = "dvc.yaml"
LOCK = "dvc.lock"
_KEY = "${key}"
_CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
_COLLECT = re.compile(r"^  collect@(\w+):\n((?:(?:   .*)?\n)*)", re.MULTILINE)
_DIGEST = re.compile(r"^    outs:\n(?:    .*\n)*?[ -]*md5: (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Stage:
    """What decides about one stage; ``${key}`` stands for the use case. ``body`` is all that is declared of it."""

    name: str
    deps: tuple[str, ...]
    params: tuple[str, ...]
    outs: tuple[str, ...]
    body: Mapping[str, Any]


def filled(templates: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The same for one use case."""
    return tuple(template.replace(_KEY, name) for template in templates)


def is_common(template: str) -> bool:
    """Whether it means the same for every use case."""
    return _KEY not in template


def read_stages(text: str) -> tuple[Stage, ...]:
    """The stages of a dvc.yaml, in its order.

    Raises:
        ToolFailed: it has another shape than this reads.
    """
    try:
        document = yaml.load(text, yaml.CSafeLoader)
        return tuple(_stage(name, stage["do"]) for name, stage in document["stages"].items())
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ToolFailed(
            f"{FILE} cannot be read for a plan: {type(error).__name__}: {' '.join(str(error).split())}",
            cause="a stage without foreach and do, or a mistake in its YAML",
            next_step="run `dvc stage list --all` for DVC's own opinion",
        ) from error


def raw_digests(lock: str) -> dict[str, str] | None:
    """Use case to the digest of its raw table in a dvc.lock; None when it cannot be read.

    DVC writes the file in one manner, so its lines are looked through: as YAML, a hundred use cases take a second.
    """
    if _CONFLICT.search(lock):
        return None
    stages = [(name, _DIGEST.search(body)) for name, body in _COLLECT.findall(f"{lock}\n")]
    return None if any(found is None for _, found in stages) else {name: found[1] for name, found in stages if found}


def _stage(name: str, body: Mapping[str, Any]) -> Stage:
    deps, params, outs = (tuple(map(_path, body.get(kind, ()))) for kind in ("deps", "params", "outs"))
    return Stage(name, deps, params, outs, body)


def _path(entry: Any) -> str:
    return str(next(iter(entry))) if isinstance(entry, Mapping) else str(entry)  # a mapping of path to options
