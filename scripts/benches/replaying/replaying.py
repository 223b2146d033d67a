"""One stream under one policy: ask, tell what came true, look, retrain, release."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from scripts.benches.replaying.live import Asked, Clock, Live, Told
from scripts.benches.replaying.policies import Policy
from scripts.benches.replaying.stream import DAY, Step, Stream
from scripts.benches.replaying.workshop import Trainings, Workshop
from slipway.core.signature import Signature
from slipway.data.preparation import inputs_of
from slipway.training.rows import spelled
from slipway.workspace.bundle import SIGNATURE
from slipway.workspace.files import read_document

Say = Callable[[str], None]


@dataclass
class Course:
    """What became of a stream under a policy.

    Attributes:
        scores: what was answered to each row of the stream's table, NaN where nothing was; float64 (n,).
        looks: what was kept of every look.
    """

    policy: str
    scores: np.ndarray
    attempts: list[dict[str, Any]] = field(default_factory=list)
    looks: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0

    @property
    def retrainings(self) -> int:
        """After the first model."""
        return len(self.attempts)


def course(stream: Stream, policy: Policy, trainings: Trainings, folder: Path, say: Say) -> Course:
    """Send a stream through the endpoint and do what the policy says; the first model is accepted in any case."""
    workshop, log = Workshop(trainings, folder), folder / "log"
    log.mkdir(parents=True)
    _first_model(workshop, stream.begins)
    live, made = Live(Clock(), log), Course(policy.name, np.full(len(stream.table), np.nan))
    for step in stream.walk():
        champion = workshop.champion
        bundle = workshop.bundle(champion)
        events = _events(stream, step, bundle, policy.reads_outcomes)
        for name, score in live.serve(bundle, champion.number, events).items():
            made.scores[_position(name)] = score
        decided = policy.decide(step, workshop, log)
        if decided.seen is not None:
            made.looks.append({"month": step.month, **decided.seen})
        if decided.reason is not None:
            attempt = workshop.retrain(step.until, decided.reason)
            made.attempts.append({"month": step.month, **asdict(attempt)})
            say(f"{stream.name} {policy.name} month {step.month}: {attempt.told[:110]}")
    made.refused = live.refused
    return made


def _first_model(workshop: Workshop, at: float) -> None:
    """What a person promotes who has nothing else."""
    attempt = workshop.retrain(at, "the first model")
    if attempt.version is None:
        raise RuntimeError(f"the first model could not be made: {attempt.told}")
    for alias in () if attempt.promoted else ("champion", "anchor"):
        workshop.registry.set_alias(workshop.use_case, alias, attempt.version)


def _events(stream: Stream, step: Step, bundle: Path, with_outcomes: bool) -> Sequence[Asked | Told]:
    """Requests and outcomes of a step, in order of time."""
    signature = read_document(bundle / SIGNATURE, Signature, made_by="slipway run")
    asked = stream.asked(step)
    rows = spelled(inputs_of(signature, stream.sent(asked, step.month)), stream.use_case.dates)
    requests = [
        Asked(float(stream.moments[position]), _name(position), msgspec.json.encode(row))
        for position, row in zip(asked, rows, strict=True)
    ]
    if not with_outcomes:
        return requests
    later = stream.label_days * DAY
    targets = stream.targets
    outcomes = [Told(float(stream.moments[p]) + later, _name(p), float(targets[p])) for p in stream.due(step)]
    return sorted([*requests, *outcomes], key=lambda event: event.at)


def _name(position: int) -> str:
    return f"row-{position}"


def _position(name: str) -> int:
    return int(name.removeprefix("row-"))
