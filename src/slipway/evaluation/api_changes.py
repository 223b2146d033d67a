"""What callers of the champion's endpoint would notice once the candidate answers there.

A change is breaking when a request that was right becomes wrong, or an answer means something else. A range that moves
with the training rows is told only: it moves a little with every new table, and ``out_of_range: warn`` accepts it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from slipway.core.days import day_text
from slipway.core.evaluation import ApiChange, ApiChangeKind
from slipway.core.signature import Field, Signature

_MOST_NAMES = 10


@dataclass(frozen=True)
class ApiCase:
    """The candidate's API held against the present champion's.

    Attributes:
        version: the champion's number.
        acknowledged: the champion whose callers may break, as params.yaml says.
        problem: why the champion's API is not known; then there are no changes.
    """

    version: int
    changes: tuple[ApiChange, ...] = ()
    acknowledged: int | None = None
    problem: str | None = None

    @property
    def breaking(self) -> tuple[ApiChange, ...]:
        return tuple(change for change in self.changes if change.breaking)

    @property
    def is_acknowledged(self) -> bool:
        """Whether params.yaml means this very champion."""
        return self.acknowledged == self.version


def api_changes(champion: Signature, candidate: Signature) -> tuple[ApiChange, ...]:
    """All changes, breaking ones first, then in the order of the candidate's inputs."""
    changes = (*_whole(champion, candidate), *_refused(champion, candidate), *_inputs(champion, candidate))
    return tuple(sorted(changes, key=lambda change: not change.breaking))


def _whole(old: Signature, new: Signature) -> Iterator[ApiChange]:
    if (old.task, old.output, old.output_unit) != (new.task, new.output, new.output_unit):
        yield _breaks(ApiChangeKind.OUTPUT, new.output, f"{_output(old)} is answered as {_output(new)}")
    if old.interval is not None and new.interval is None:
        yield _breaks(ApiChangeKind.OUTPUT, new.output, "no interval is answered any more")
    if old.interval is None and new.interval is not None:
        yield _told(ApiChangeKind.OUTPUT, new.output, f"an interval that holds {new.interval.level:.0%} is answered")
    for name in sorted(old.beside.keys() - new.beside.keys()):
        yield _breaks(ApiChangeKind.OUTPUT, "", f"/{name} is not answered any more")
    for name in sorted(new.beside.keys() - old.beside.keys()):
        yield _told(ApiChangeKind.OUTPUT, "", f"/{name} is answered")
    if old.threshold is not None and new.threshold is not None and old.threshold != new.threshold:
        yield _told(ApiChangeKind.THRESHOLD, new.output, f"labelled from {new.threshold:g} on, not {old.threshold:g}")
    if (old.out_of_range, new.out_of_range) == ("warn", "refuse"):
        yield _breaks(ApiChangeKind.OUT_OF_RANGE, "", "numbers out of range are refused, no longer warned of")
    if (old.out_of_range, new.out_of_range) == ("refuse", "warn"):
        yield _told(ApiChangeKind.OUT_OF_RANGE, "", "numbers out of range are warned of, no longer refused")


def _refused(old: Signature, new: Signature) -> Iterator[ApiChange]:
    """Fields that are treated otherwise than before while all others are not."""
    if (old.out_of_range, new.out_of_range) != ("warn", "warn"):
        return
    for name in sorted(set(new.refused) - set(old.refused)):
        yield _breaks(ApiChangeKind.OUT_OF_RANGE, name, "out of range it is refused, no longer warned of")
    for name in sorted(set(old.refused) - set(new.refused)):
        yield _told(ApiChangeKind.OUT_OF_RANGE, name, "out of range it is warned of, no longer refused")


def _output(signature: Signature) -> str:
    unit = f" in {signature.output_unit}" if signature.output_unit else ""
    return f"{signature.output}{unit} ({signature.task.value})"


def _inputs(old: Signature, new: Signature) -> Iterator[ApiChange]:
    before, after = ({field.name: field for field in signature.inputs} for signature in (old, new))
    for name in (name for name in before if name not in after):
        yield _breaks(ApiChangeKind.REMOVED, name, "is unknown now, and refused")
    for name, field in after.items():
        if name not in before:
            yield _breaks(ApiChangeKind.ADDED, name, f"is required now: {_kind(field)}")
        elif before[name].type != field.type:
            yield _breaks(ApiChangeKind.RETYPED, name, f"is a {_kind(field)} now, and was a {_kind(before[name])}")
        else:
            yield from _on_field(before[name], field)


def _kind(field: Field) -> str:
    return f"{field.type}{', or null' if field.nullable else ''}"


def _on_field(old: Field, new: Field) -> Iterator[ApiChange]:
    if old.nullable and not new.nullable:
        yield _breaks(ApiChangeKind.NULL, new.name, "null is refused now")
    if new.nullable and not old.nullable:
        yield _told(ApiChangeKind.NULL, new.name, "null is accepted now")
    yield from _on_categories(new.name, set(old.categories), set(new.categories))
    if (old.low, old.high) != (new.low, new.high):
        yield _told(ApiChangeKind.RANGE, new.name, f"training saw {_range(new)}, before {_range(old)}")
    if (old.unit, old.description) != (new.unit, new.description):
        yield _told(ApiChangeKind.MEANING, new.name, f"described as {_meaning(new)}, before as {_meaning(old)}")


def _on_categories(name: str, old: set[str], new: set[str]) -> Iterator[ApiChange]:
    if old - new:
        yield _breaks(ApiChangeKind.CATEGORIES, name, f"refused now: {_names(old - new)}")
    if new - old:
        yield _told(ApiChangeKind.CATEGORIES, name, f"accepted now: {_names(new - old)}")


def _names(names: set[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(repr(name) for name in sorted(names)[:_MOST_NAMES]) + more


def _range(field: Field) -> str:
    if field.low is None or field.high is None:
        return "no number"
    if field.type == "date":
        return f"{day_text(field.low)} to {day_text(field.high)}"
    return f"{field.low:.10g} to {field.high:.10g}"


def _meaning(field: Field) -> str:
    return repr(", ".join(part for part in (field.unit, field.description) if part))


def _breaks(kind: ApiChangeKind, field: str, detail: str) -> ApiChange:
    return ApiChange(kind=kind, field=field, detail=detail, breaking=True)


def _told(kind: ApiChangeKind, field: str, detail: str) -> ApiChange:
    return ApiChange(kind=kind, field=field, detail=detail, breaking=False)
