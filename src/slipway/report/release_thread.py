"""What a release's thread says at its top: a pure function of what was announced and what its stages told."""

from dataclasses import dataclass
from enum import StrEnum

from slipway.core.errors import CandidateRejected
from slipway.core.release_thread import STAGES, ReleaseThread
from slipway.core.stage_result import StageResult
from slipway.report.text import counted, plain


class Mark(StrEnum):
    """What became of one stage; unchanged is what a later stage has gone past without a word of this one."""

    DONE = "done"
    FAILED = "failed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    NOT_REACHED = "not reached"
    TO_COME = "to come"


class State(StrEnum):
    """Where a use case stands, the ones to look at first."""

    FAILED = "failed"
    REJECTED = "rejected"
    UNDER_WAY = "under way"
    WAITING = "waiting"
    HELD = "held"
    ROLLED_BACK = "rolled back"
    NOT_DEPLOYED = "ready, not deployed"
    LIVE = "in production"


@dataclass(frozen=True)
class Row:
    """One use case: a mark for each of STAGES, and its news in words."""

    use_case: str
    marks: tuple[Mark, ...]
    state: State
    words: str
    links: dict[str, str]


def rows(thread: ReleaseThread) -> tuple[Row, ...]:
    """A row for each use case, in the order of the announcement."""
    return tuple(_row(name, [r for r in thread.results if r.use_case == name]) for name in thread.use_cases)


def heading(thread: ReleaseThread) -> str:
    """Such as ``Release 77: 1 of 3 failed, 2 in production``; of one use case, its name and how it stands."""
    found = rows(thread)
    name = plain(f"Release {thread.announcement.release}")
    if len(found) == 1:
        return f"{name}: {found[0].use_case} {found[0].state}"
    counts = [(state, sum(row.state is state for row in found)) for state in State]
    told = ", ".join(f"{count} {state}" for state, count in counts if count)
    return f"{name}: {counted(len(found), 'use case')}" + (f", {told}" if told else "")


def place(stage: str) -> str:
    """A deployment is called by where it goes: ``deploy-staging`` is staging."""
    return stage.removeprefix("deploy").strip(" -_@") or stage


def _row(name: str, results: list[StageResult]) -> Row:
    state = _state(results)
    links = {label: address for result in _in_order(results) for label, address in result.links.items()}
    return Row(name, _marks(results, state), state, _words(results), links)


def _in_order(results: list[StageResult]) -> list[StageResult]:
    order = {stage: index for index, stage in enumerate(STAGES)}
    return sorted(results, key=lambda result: order.get(place(result.stage), -1))


def _state(results: list[StageResult]) -> State:
    if not results:
        return State.WAITING
    verdict = _verdict(results)
    if any(result.status == "failed" for result in results):
        rejected = verdict == "reject" or any(result.exit_code == CandidateRejected.exit_code for result in results)
        return State.REJECTED if rejected else State.FAILED
    last = next((result for result in results if place(result.stage) == STAGES[-1]), None)
    if verdict == "reject" or last is None:
        return _on_the_way(results, verdict)
    return State.NOT_DEPLOYED if last.skipped else State.LIVE


def _on_the_way(results: list[StageResult], verdict: str) -> State:
    if any(result.stage == "rollback" for result in results):
        return State.ROLLED_BACK
    return {"reject": State.REJECTED, "hold": State.HELD}.get(verdict, State.UNDER_WAY)


def _verdict(results: list[StageResult]) -> str:
    return next((result.verdict for result in reversed(_in_order(results)) if result.verdict), "")


def _marks(results: list[StageResult], state: State) -> tuple[Mark, ...]:
    told = {place(result.stage): result for result in results}
    last = max((STAGES.index(stage) for stage in told if stage in STAGES), default=-1)
    missing = Mark.TO_COME if state in {State.UNDER_WAY, State.WAITING} else Mark.NOT_REACHED
    return tuple(
        _mark(told[stage]) if stage in told else Mark.UNCHANGED if index < last else missing
        for index, stage in enumerate(STAGES)
    )


def _mark(result: StageResult) -> Mark:
    if result.status == "failed":
        return Mark.FAILED
    return Mark.SKIPPED if result.skipped else Mark.DONE


def _words(results: list[StageResult]) -> str:
    """The failure, else the verdict with its reason, else what was told last."""
    ordered = _in_order(results)
    if not ordered:
        return ""
    failed = next((result for result in ordered if result.status == "failed"), None)
    if failed is not None:
        return plain(f"{failed.stage} failed: {failed.headline}")
    judged = next((result for result in ordered if result.verdict), None)
    if judged is None:
        return plain(f"{ordered[-1].stage}: {ordered[-1].headline}")
    return plain(judged.headline)
