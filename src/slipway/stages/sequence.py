"""One use case, all its stages, in order."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from slipway.core.errors import ChampionMoved, SlipwayError, StageFailed
from slipway.core.evaluation import Decision, Incumbents
from slipway.core.record import Record
from slipway.core.stage_result import StageResult
from slipway.ports import Pipeline
from slipway.stages.own_words import in_its_own_words, last_result
from slipway.stages.serve import Trial
from slipway.workspace.files import read_document
from slipway.workspace.paths import Paths

_FROM_CACHE = "as an earlier run with the same inputs left it"

CACHED = ("collect", "validate", "prepare", "train", "incumbents", "evaluate")


class Watcher(Protocol):
    """Who is told how a run goes."""

    def stage(self, name: str) -> AbstractContextManager["Step"]:
        """Open while the stage is at work."""
        ...


@dataclass
class Step:
    """One stage under way; what it found is filled in before the watcher's block ends."""

    name: str
    found: str = ""
    ran: bool = True


@dataclass(frozen=True)
class Ending:
    """What came of a run: the decision, and the endpoint's answer unless the candidate was rejected."""

    record: Record
    trial: Trial | None


@dataclass(frozen=True)
class Sequence:
    """Takes one use case from data to a registered version.

    Attributes:
        seal: makes record, report and bundle of the evaluation at hand.
        try_out: lets an endpoint answer with what was sealed; done before anything is registered, and not at all
            with a rejected candidate.
        register: registers what was sealed, returning the stage's result.
        tell: tells a failure of a stage that could not tell it itself: it was killed, or had not begun.
    """

    paths: Paths
    pipeline: Pipeline
    seal: Callable[[], Record]
    try_out: Callable[[], Trial]
    register: Callable[[], StageResult]
    watcher: Watcher
    tell: Callable[[str, SlipwayError], None] = lambda stage, error: None

    def run_until(self, last: str) -> Record | None:
        """Do what is not done yet of the cached stages, as far as ``last``; register nothing and start nothing.

        Returns:
            The record of what was sealed, when ``last`` is the one that judges.

        Raises:
            StageFailed: a stage failed; carries its words and its exit code.
        """
        for name in CACHED[: CACHED.index(last) + 1]:
            self._reproduce(name)
        return self._sealed() if last == CACHED[-1] else None

    def run(self) -> Ending:
        """Do what is not done yet.

        Raises:
            StageFailed: a cached stage failed; carries its words and its exit code.
            SlipwayError: registering failed; everything before it stands and is not done again.
        """
        for name in CACHED:
            self._reproduce(name)
        try:
            return self._conclude()
        except ChampionMoved:
            for name in ("incumbents", "evaluate"):
                self._reproduce(name, force=True)
            return self._conclude()

    def _conclude(self) -> Ending:
        record = self._sealed()
        trial = None if record.evaluation.verdict.decision is Decision.REJECT else self._try_out()
        with self.watcher.stage("register") as step:
            step.found = self.register().headline
        return Ending(record, trial)

    def _try_out(self) -> Trial:
        with self.watcher.stage("endpoint") as step, self._telling("endpoint"):
            trial = self.try_out()
            step.found = "started, answered a row as the model does, stopped"
        return trial

    def _sealed(self) -> Record:
        with self._telling(CACHED[-1]):
            return self.seal()

    @contextmanager
    def _telling(self, name: str) -> Iterator[None]:
        """Tell a failure, unless the stage has told it: one that was killed could not, nor one that had not begun."""
        before = last_result(self.paths, name)
        if before is not None and before.status == "failed":
            self.paths.result(name).unlink()
        try:
            yield
        except SlipwayError as error:
            told = last_result(self.paths, name)
            if told is None or told.status == "done":
                self.tell(name, error)
            raise

    def _reproduce(self, name: str, *, force: bool = False) -> None:
        with self.watcher.stage(name) as step, self._telling(name):
            note = self.pipeline.settle_raw(self.paths.use_case) if name == "collect" else None
            told_before = last_result(self.paths, name)
            try:
                force = force or (name == "incumbents" and self._somebody_was_missed())
                step.ran = self.pipeline.reproduce(name, self.paths.use_case, force=force)
            except StageFailed as failure:
                raise in_its_own_words(self.paths, name, failure) from failure
            told = last_result(self.paths, name)
            if step.ran and told == told_before:  # the outputs came back from the cache: nobody said anything new
                self.paths.result(name).unlink(missing_ok=True)
                told = None
            step.found = note or (told.headline if told else _FROM_CACHE if step.ran else "")

    def _somebody_was_missed(self) -> bool:
        """Whether the incumbents were noted while the registry was out of reach, or one could not be loaded."""
        try:
            found = read_document(self.paths.incumbents / "incumbents.json", Incumbents, made_by="")
        except SlipwayError:
            return False
        opponents = (found.champion, found.anchor)
        return found.registry == "unreachable" or any(o is not None and o.problem is not None for o in opponents)
