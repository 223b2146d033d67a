"""Our policy: what slipway's monitor decides of the log and the outcomes in it, look after look."""

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from scripts.benches.replaying.policies import Decided
from scripts.benches.replaying.stream import DAY, Step, Stream
from scripts.benches.replaying.workshop import Workshop, moment
from slipway.adapters.prediction_log.folder import FolderLog
from slipway.core.importances import Importances
from slipway.core.signature import Signature
from slipway.core.version import Version
from slipway.core.watch import Answer, Counts, Span, Watch
from slipway.monitoring.batch import Outcomes
from slipway.monitoring.log.feedback import sorted_keys
from slipway.monitoring.log.lines import Lines
from slipway.monitoring.log.names import in_span
from slipway.monitoring.log.reading import LogReading, LookBack, Watched
from slipway.monitoring.looking import look
from slipway.monitoring.reference import Reference, read_reference
from slipway.monitoring.situation import Situation
from slipway.monitoring.tally import Tally
from slipway.workspace.bundle import SIGNATURE
from slipway.workspace.files import read_document, read_frame
from slipway.workspace.paths import IMPORTANCES, REFERENCE


class Ours:
    """Looks at the end of every step; retrains when the answer is yes."""

    name, reads_outcomes = "ours", True

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._watches: list[Watch] = []
        self._references: dict[int, tuple[Signature, Reference]] = {}

    def decide(self, step: Step, workshop: Workshop, log: Path) -> Decided:
        """One look at the champion."""
        watch = self._look(step, workshop, log)
        self._watches.insert(0, watch)
        retrain = watch.retrain
        reason = retrain.reasons[0] if retrain.answer is Answer.YES else None
        return Decided(reason, _kept(watch))

    def _look(self, step: Step, workshop: Workshop, log: Path) -> Watch:
        stream, champion = self._stream, workshop.champion
        signature, reference = self._reference(workshop, champion)
        since = max(stream.begins, step.until - stream.params.monitor.window_days * DAY)
        tally, span = Tally(reference), Span(since=moment(since), until=moment(step.until))
        born = pd.Timestamp(champion.registered_at).timestamp()
        watched = Watched(
            champion.record_digest, signature, since, step.until, born, step.until, positive=stream.use_case.positive
        )
        counts, outcomes = _read(FolderLog(log), watched, tally, back_to=since - 2 * stream.label_days * DAY)
        situation = Situation(
            use_case=workshop.use_case, version=champion.number, record_digest=champion.record_digest,
            registered_at=champion.registered_at, span=span, now=moment(step.until),
            metric=stream.params.gates.champion.metric, versions=workshop.versions, previous=tuple(self._watches),
            fresh_data=True, new_labels=None,
        )  # fmt: skip
        params = stream.params
        return look(reference, tally, outcomes, counts, params=params.monitor, retrain=params.retrain, situation=situation)

    def _reference(self, workshop: Workshop, champion: Version) -> tuple[Signature, Reference]:
        if champion.number not in self._references:
            with tempfile.TemporaryDirectory() as name:
                folder = workshop.registry.fetch_reference(workshop.use_case, champion.number, Path(name) / "reference")
                shares = read_document(folder / IMPORTANCES, Importances, made_by="slipway run").shares
                table = read_frame(folder / REFERENCE, made_by="slipway run")
            signature = read_document(workshop.bundle(champion) / SIGNATURE, Signature, made_by="slipway run")
            self._references[champion.number] = signature, read_reference(table, signature, shares)
        return self._references[champion.number]


def _read(log: FolderLog, watched: Watched, tally: Tally, back_to: float) -> tuple[Counts, Outcomes]:
    """Counts and outcomes of the window; rows are counted into ``tally``."""
    reading, files = LogReading(watched, tally.add), log.files()
    for file in in_span(files, watched.since, watched.until):
        for lines in Lines().read(log.pieces(file.name)):
            reading.read(lines)
    counts, known = reading.finish(), reading.feedback.outcomes()
    back = LookBack(watched, sorted_keys([known.keys]), back_to)
    for file in in_span(files, back_to, watched.since):
        for lines in Lines().read(log.pieces(file.name)):
            back.read(lines)
    predictions = reading.predictions
    for keys, scores, times in zip(*(getattr(back.predictions, n) for n in ("keys", "scores", "times")), strict=True):
        predictions.add(keys, scores, times)
    outcomes, _ = known.joined(predictions)
    return counts.model_copy(update={"files": len(files), "feedback": len(outcomes.targets)}), outcomes


def _kept(watch: Watch) -> dict[str, Any]:
    """Of a look, what is told."""
    told = watch.performance[0] if watch.performance else None
    return {
        "until": watch.span.until,
        "version": watch.version,
        "rows": watch.counts.predictions,
        "refused": watch.counts.refused,
        "outcomes": watch.counts.feedback,
        "loss": None if told is None else [told.loss.value, told.loss.low, told.loss.high],
        "standing": list(watch.standing),
        "alarms": list(watch.alarms),
        "answer": watch.retrain.answer.value,
        "cause": None if watch.retrain.cause is None else watch.retrain.cause.value,
        "reasons": list(watch.retrain.reasons),
    }
