"""What a record becomes in a registry: parameters, metrics and the tags from which a Version is read back."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from slipway.core.evaluation import Decision, Metric
from slipway.core.record import Record
from slipway.core.release import Release
from slipway.core.version import Standing, Version

PREFIX = "slipway."
RECORD_DIGEST = f"{PREFIX}record_digest"
STANDING = f"{PREFIX}standing"
CHAMPION_BEFORE = f"{PREFIX}champion_before"
RELEASE = f"{PREFIX}release"
NONE = "none"
_SIGNATURE_DIGEST = f"{PREFIX}signature_digest"
_FACTS = ("decision", "reason", "record_digest", "model_digest", "holdout_digest", "commit", "primary")
_LONGEST_TAG = 1000


def facts(record: Record) -> dict[str, str]:
    """The fields of a Version that come from its record."""
    evaluation = record.evaluation
    reasons = evaluation.verdict.reasons
    values = {
        "decision": evaluation.verdict.decision.value,
        "reason": reasons[0] if reasons else "",
        "record_digest": record.digest,
        "model_digest": evaluation.model_digest,
        "holdout_digest": evaluation.holdout_digest,
        "commit": record.provenance.commit,
        "primary": _primary(record),
        "signature_digest": evaluation.signature_digest,
    }
    return {name: value[:_LONGEST_TAG] for name, value in values.items()}


def tags(record: Record) -> dict[str, str]:
    """Tags for the run and the version, all beginning with ``slipway.``."""
    dirty = str(record.provenance.dirty).lower()
    return {f"{PREFIX}{name}": value for name, value in (facts(record) | {"dirty": dirty}).items()}


def is_ours(tags: Mapping[str, str]) -> bool:
    """Whether a registered version was made here; a shared registry may hold others under the same name."""
    return all(f"{PREFIX}{name}" in tags for name in _FACTS)


def version(
    use_case: str, number: int, aliases: tuple[str, ...], registered_ms: int, tags: Mapping[str, str]
) -> Version:
    """A Version from the tags of :func:`tags`; ``registered_ms`` counts milliseconds since 1970 in UTC."""
    values = {name: tags[f"{PREFIX}{name}"] for name in _FACTS if name != "decision"}
    return Version(
        use_case=use_case,
        number=number,
        aliases=tuple(sorted(aliases)),
        decision=Decision(tags[f"{PREFIX}decision"]),
        registered_at=datetime.fromtimestamp(registered_ms / 1000, UTC).isoformat(timespec="seconds"),
        standing=standing(tags.get(STANDING), aliases),
        release=release(tags.get(RELEASE)),
        signature_digest=tags.get(_SIGNATURE_DIGEST, ""),
        **values,
    )


def standing(noted: str | None, aliases: tuple[str, ...]) -> Standing:
    """The alias decides who is champion; the note tells what became of the others.

    A version noted as champion without the alias had it taken away by hand: it is withdrawn.
    """
    if "champion" in aliases:
        return Standing.CHAMPION
    if noted == Standing.CHAMPION:
        return Standing.WITHDRAWN
    return Standing(noted) if noted in set(Standing) else Standing.UNPROMOTED


def release(noted: str | None) -> Release | None:
    """The release in a tag; None where there is none, or one that this version of Slipway cannot read."""
    try:
        return None if noted is None else Release.model_validate_json(noted)
    except ValidationError:
        return None


def record(content: bytes) -> Record | None:
    """The record in a file; None for one that this version of Slipway cannot read."""
    try:
        return Record.model_validate_json(content)
    except ValidationError:
        return None


def parameters(record: Record) -> dict[str, str]:
    """The use case's params with dotted keys, such as ``gates.absolute.0.min``."""
    return dict(_flat(record.params, ""))


def measures(record: Record) -> dict[str, float]:
    """Metrics with their intervals, and under ``baseline/`` and ``champion/`` those of the others."""
    evaluation = record.evaluation
    own = (*evaluation.metrics, *evaluation.further)
    named = {"": own, "baseline/": evaluation.baseline_metrics, "champion/": evaluation.champion_metrics}
    return dict(pair for prefix, metrics in named.items() for metric in metrics for pair in _ends(prefix, metric))


def decided_ms(record: Record) -> int:
    """When the decision was made, in milliseconds since 1970 in UTC."""
    return round(datetime.fromisoformat(record.provenance.decided_at).timestamp() * 1000)


def _ends(prefix: str, metric: Metric) -> Iterator[tuple[str, float]]:
    for suffix, value in (("", metric.value), ("_low", metric.low), ("_high", metric.high)):
        if value is not None:
            yield f"{prefix}{metric.name}{suffix}", value


def _flat(value: Any, key: str) -> Iterator[tuple[str, str]]:
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if pairs:
        for name, inner in pairs:
            yield from _flat(inner, f"{key}.{name}" if key else str(name))
    elif key:
        yield key, value if isinstance(value, str) else json.dumps(value)


def _primary(record: Record) -> str:
    """The metric the champion gate compares, or else the first one."""
    metrics = {metric.name: metric for metric in record.evaluation.metrics}
    gate = record.params.get("gates", {}).get("champion", {})
    metric = metrics.get(gate.get("metric")) or next(iter(metrics.values()), None)
    if metric is None or metric.value is None:
        return ""
    return f"{metric.name} {metric.value:.4f}"
