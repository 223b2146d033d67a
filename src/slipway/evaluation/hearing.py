"""The parties of a judgement: everything a gate may look at."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from slipway.core.signature import Interval
from slipway.evaluation.api_changes import ApiCase
from slipway.evaluation.evidence import Evidence, Floats
from slipway.evaluation.measure import Kit, Measure
from slipway.evaluation.scores import Part, Scores, parts_of
from slipway.evaluation.spread import Spread
from slipway.evaluation.tasks import KITS


@dataclass(frozen=True, eq=False)
class Hearing:
    """A candidate and those it is held against, scored on the same rows.

    Attributes:
        parts: every value of every slice column.
        champion_problem: why there is no champion here although there is one.
        api: what callers of the champion would notice; None where there is no champion.
        interval: what the candidate says of how far it may be off.
    """

    kit: Kit
    candidate: Scores
    baseline: Scores
    champion: Scores | None
    anchor: Scores | None
    parts: tuple[Part, ...]
    champion_problem: str | None = None
    api: ApiCase | None = None
    interval: Interval | None = None

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        """Set the parties of some evidence against each other."""
        candidate = Scores(np.asarray(evidence.y, float), np.asarray(evidence.candidate, float), evidence.threshold)
        columns = (evidence.slices or {}).items()
        return cls(
            kit=KITS[evidence.task],
            candidate=candidate,
            baseline=_party(candidate, evidence.baseline),
            champion=None if evidence.champion is None else _party(candidate, evidence.champion),
            anchor=None if evidence.anchor is None else _party(candidate, evidence.anchor),
            parts=tuple(part for column, values in columns for part in parts_of(column, values)),
            champion_problem=_champion_problem(evidence),
            api=evidence.api,
            interval=evidence.interval,
        )

    def measure(self, metric: str) -> Measure:
        """The metric of that name."""
        return self.kit.measures[metric]

    def gain_over(self, opponent: Scores, metric: str) -> Spread | None:
        """How much better the candidate is, paired; None where that is not defined."""
        return self.measure(metric).difference(self.candidate, opponent)

    def with_candidate(self, values: Floats) -> Self:
        """The same hearing about another candidate."""
        return replace(self, candidate=self.candidate.rescored(values))


def _party(candidate: Scores, values: Floats) -> Scores:
    return candidate.rescored(np.asarray(values, float))


def _champion_problem(evidence: Evidence) -> str | None:
    if evidence.champion_problem is None and not evidence.registry_reachable:
        return "the registry does not answer"
    return evidence.champion_problem
