"""One look at a live model: everything that was counted, tested, found and decided."""

from slipway.core.params import MonitorParams, RetrainParams
from slipway.core.watch import Answer, Counts, Health, Retrain, Watch
from slipway.monitoring.batch import Outcomes
from slipway.monitoring.reference import Reference
from slipway.monitoring.situation import Situation
from slipway.monitoring.tally import Tally


def look(
    reference: Reference,
    tally: Tally,
    outcomes: Outcomes | None,
    counts: Counts,
    *,
    params: MonitorParams,
    retrain: RetrainParams,
    situation: Situation,
) -> Watch:
    """Say what was seen, and whether to retrain.

    Args:
        outcomes: labelled predictions of the span; None for none.
    """
    return Watch(
        use_case=situation.use_case,
        version=situation.version,
        record_digest=situation.record_digest,
        span=situation.span,
        made_at=situation.now,
        counts=counts,
        columns=(),
        prediction=None,
        performance=(),
        estimate=None,
        health=Health(refused_share=None, latency_p50=None, latency_p95=None, latency_p99=None, silent_hours=None),
        findings=situation.findings,
        standing=(),
        retrain=Retrain(answer=Answer.NO, cause=None, since="", reasons=("nothing speaks for it",)),
    )
