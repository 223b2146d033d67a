"""Params, raw data and stages at two points in history, and how they differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.core.errors import SlipwayError
from slipway.stages.pipeline_file import FILE as PIPELINE
from slipway.stages.pipeline_file import LOCK, Stage, filled, raw_digests, read_stages
from slipway.workspace.sections import FILE as PARAMS
from slipway.workspace.sections import sections


@dataclass(frozen=True)
class State:
    """What decides at one point in history, beside code.

    Attributes:
        params: use case to its section, as parsed.
        raw: use case to the digest of its raw table; None where the lock file cannot be read. It is left empty where
            the lock file did not change.
    """

    stages: tuple[Stage, ...]
    params: Mapping[str, Any]
    raw: Mapping[str, str] | None = field(default_factory=dict)


def read_earlier(now: State, text: Mapping[str, str | None]) -> tuple[State | None, str]:
    """The state before, given the texts of the files that changed; or none, and why in words."""
    stages, params, raw = now.stages, now.params, now.raw
    try:
        if PIPELINE in text:
            stages = read_stages(text[PIPELINE] or "")
        if PARAMS in text:
            params = sections(text[PARAMS] or "")
    except SlipwayError as error:
        return None, f"of the base, {error.what}"
    if LOCK in text:
        raw = raw_digests(text[LOCK] or "")
    return State(stages, params, raw), ""


def differences(before: State, now: State, stage: Stage, name: str) -> list[str]:
    """What of params, raw data and the stage itself differs for one stage of a use case, in words."""
    found = [f"{PARAMS}: {key} changed" for key in _keys(before.params, now.params, stage, name)]
    if stage.name == "collect":
        found += _of_raw_data(before.raw, now.raw, name)
    if before.stages is not now.stages and stage not in before.stages:
        found.append(f"{PIPELINE}: the stage {stage.name} changed")
    return found


def _of_raw_data(before: Mapping[str, str] | None, now: Mapping[str, str] | None, name: str) -> list[str]:
    if before is None or now is None:
        return [] if before is now else [f"{LOCK} cannot be read{'' if now is None else ' at the base'}"]
    return [f"{LOCK} names other raw data"] if before.get(name) != now.get(name) else []


def _keys(before: Mapping[str, Any], now: Mapping[str, Any], stage: Stage, name: str) -> list[str]:
    if before.get(name) == now.get(name):
        return []
    keys = filled(stage.params, name)
    return [changed for key in keys for changed in _below(_look_up(before, key), _look_up(now, key), key)]


def _below(before: Any, now: Any, key: str) -> Iterator[str]:
    """The keys below ``key`` whose values differ, as deep as both sides are mappings."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in [*before, *(name for name in now if name not in before)]:
            yield from _below(before.get(name), now.get(name), f"{key}.{name}")
    elif before != now:
        yield key


def _look_up(params: Mapping[str, Any], key: str) -> Any:
    value: Any = params
    for part in key.split(".")[1:]:  # the first is use_cases, which `params` is already below
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
