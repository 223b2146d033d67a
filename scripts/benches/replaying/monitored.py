"""Our policy: what slipway's monitor decides of the log and the outcomes in it, look after look."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scripts.benches.replaying.policies import Decided
from scripts.benches.replaying.stream import Step, Stream
from scripts.benches.replaying.workshop import Workshop
from slipway.adapters.mlflow.watches import InMemoryWatches
from slipway.adapters.prediction_log.folder import FolderLog
from slipway.core.watch import Answer, Span, Watch
from slipway.stages.monitor import Outside, monitor


class Ours:
    """``slipway monitor`` at the end of every step, without its HTML; retrains when the answer is yes."""

    name, reads_outcomes = "ours", True

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._watches = InMemoryWatches()

    def decide(self, step: Step, workshop: Workshop, log: Path) -> Decided:
        """One look at the champion, after new data were collected."""
        stream, now = self._stream, datetime.fromtimestamp(step.until, UTC)
        workshop.collect(step.until)
        since = now - timedelta(days=stream.params.monitor.window_days)
        span = Span(since=since.isoformat(), until=now.isoformat())
        outside = Outside(workshop.registry, FolderLog(log), self._watches, None)
        watch = monitor(
            stream.use_case, workshop.paths, stream.params, outside, span=span, now=now, say=lambda _: None
        ).watch
        reason = watch.retrain.reasons[0] if watch.retrain.answer is Answer.YES else None
        return Decided(reason, _kept(watch))


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
