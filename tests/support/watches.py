"""Looks at a live model, made by hand: what a test does not name is like any other look's."""

from typing import Any

from slipway.core.watch import Answer, Concern, Counts, Health, Retrain, Sighting, Span, Watch, Weight


def watch(made_at: str = "2026-03-08T00:00:00+00:00", **changes: Any) -> Watch:
    """A look at version 3 that found nothing; ``changes`` replace whole fields."""
    fields: dict[str, Any] = {
        "use_case": "churn",
        "version": 3,
        "record_digest": "a" * 64,
        "span": Span(since="2026-03-01T00:00:00+00:00", until=made_at),
        "made_at": made_at,
        "counts": Counts(files=2, predictions=1200, requests=1000, feedback=300),
        "columns": (),
        "prediction": None,
        "performance": (),
        "estimate": None,
        "health": Health(refused_share=0.0, latency_p50=0.4, latency_p95=0.9, latency_p99=1.2, silent_hours=0.1),
        "findings": (),
        "standing": (),
        "retrain": Retrain(answer=Answer.NO, cause=None, since="", reasons=("nothing speaks for it",)),
    }
    return Watch(**(fields | changes))


def alarm(name: str = "drift of tenure") -> Sighting:
    return Sighting(name=name, concern=Concern.DRIFT, weight=Weight.ALARM, told=f"{name}: it moved")
