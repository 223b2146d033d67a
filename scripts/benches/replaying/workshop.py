"""Where models are made: the real stages in scratch copies of a project, and a registry in memory."""

import hashlib
import platform
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from scripts.benches.replaying.stream import Stream
from slipway.adapters.git import Git
from slipway.adapters.great_expectations.twin import InMemoryValidator
from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.core.errors import SlipwayError
from slipway.core.record import Provenance, Record
from slipway.core.version import Version
from slipway.stages.evaluate import evaluate
from slipway.stages.incumbents import look_up
from slipway.stages.prepare import prepare
from slipway.stages.register import register, version_of
from slipway.stages.seal import seal
from slipway.stages.train import train
from slipway.stages.validate import validate
from slipway.workspace.files import write_frame
from slipway.workspace.paths import Paths

TAKES = 3_600.0
"""Seconds from a look to the version that its retraining registers."""


def moment(at: float) -> str:
    """Seconds since 1970-01-01 as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat()


@dataclass
class Trainings:
    """Trained models by what was known: whoever retrains on the same table shares them, in other streams too."""

    stream: Stream
    folder: Path
    made: int = field(default=0, init=False)
    failures: dict[str, SlipwayError] = field(default_factory=dict, init=False)

    def table(self, rows: np.ndarray) -> pd.DataFrame:
        """These rows, as they are collected."""
        return self.stream.table.iloc[rows].reset_index(drop=True)

    def of(self, rows: np.ndarray) -> Paths:
        """The project in which these rows of the table were collected, validated, prepared and trained on.

        Raises:
            SlipwayError: a stage refused them.
        """
        table = self.table(rows)
        name = f"{self.stream.use_case.name}-{_digest(table)}"
        paths = Paths(self.folder / name, self.stream.use_case.name)
        if name in self.failures:
            raise self.failures[name]
        if not paths.scores.is_file():
            try:
                self._make(paths, table)
            except SlipwayError as error:
                self.failures[name] = error
                raise
        return paths

    def _make(self, paths: Paths, table: pd.DataFrame) -> None:
        use_case, params = self.stream.use_case, self.stream.params
        write_frame(paths.raw, table)
        validate(use_case, paths, InMemoryValidator())
        prepare(use_case, paths, params.split)
        train(use_case, paths, params.train, in_time=params.split.by == "time")
        self.made += 1


@dataclass(frozen=True)
class Attempt:
    """A retraining, and what became of it: ``promoted`` or why not."""

    at: str
    reason: str
    version: int | None
    promoted: bool
    told: str


@dataclass
class Workshop:
    """One policy's own registry and project, and the trainings that all share."""

    trainings: Trainings
    folder: Path
    registry: InMemoryRegistry = field(init=False)
    now: float = field(default=0.0, init=False)
    attempts: list[Attempt] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.registry = InMemoryRegistry(self.folder / "registry", clock=lambda: self.now)

    @property
    def use_case(self) -> str:
        return self.trainings.stream.use_case.name

    @property
    def paths(self) -> Paths:
        return Paths(self.folder / "project", self.use_case)

    @property
    def champion(self) -> Version:
        """Whoever serves; there is one from the first model on."""
        found = self.registry.aliased(self.use_case, "champion")
        if found is None:
            raise RuntimeError(f"no model of {self.trainings.stream.name} was ever promoted: {self.attempts[-1].told}")
        return found

    def bundle(self, version: Version) -> Path:
        """What serves a version."""
        return self.registry.bundle(self.use_case, version.number)

    def collect(self, at: float) -> None:
        """Bring what is known by now as the raw table."""
        write_frame(self.paths.raw, self.trainings.table(self.trainings.stream.known(at)))

    def retrain(self, at: float, reason: str) -> Attempt:
        """Collect, train, judge against the champion of the day, register; a stage that refuses is told."""
        self.now = at + TAKES
        try:
            record = self._judged(self.trainings.stream.known(at), at)
            told = register(self.trainings.stream.use_case, self.paths, self.registry)
        except SlipwayError as error:
            attempt = Attempt(moment(at), reason, None, False, error.what)
        else:
            attempt = self._noted(record, reason, told)
        self.attempts.append(attempt)
        return attempt

    def _judged(self, known: np.ndarray, at: float) -> Record:
        stream, paths = self.trainings.stream, self.paths
        trained = self.trainings.of(known)
        if paths.data.exists():
            shutil.rmtree(paths.data)
        shutil.copytree(trained.data, paths.data)
        look_up(stream.use_case, paths, self.registry, Git(paths.root), "main")
        evaluate(stream.use_case, paths, stream.params)
        return seal(paths, stream.params, _provenance(at), None)

    def _noted(self, record: Record, reason: str, told: str) -> Attempt:
        own = version_of(record, self.registry)
        verdict = record.evaluation.verdict
        why = f"{verdict.decision.value}: {verdict.reasons[0]}; {told}"
        number, promoted = (None, False) if own is None else (own.number, "champion" in own.aliases)
        return Attempt(moment(self.now), reason, number, promoted, why)


def _digest(table: pd.DataFrame) -> str:
    return hashlib.sha256(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes()).hexdigest()[:16]


def _provenance(at: float) -> Provenance:
    return Provenance(
        commit="unknown", dirty=False, branch="replay", requirements_digest="", python=platform.python_version(),
        platform=platform.platform(), libraries={}, decided_at=moment(at),
    )  # fmt: skip
