"""Alerts: when somebody is told, how urgently, and what they are told."""

from collections.abc import Iterator
from dataclasses import dataclass

from scripts.boards.objectives import (
    BURNS,
    ERROR_BUDGET,
    LEAST_JUDGED,
    LEAST_REQUESTS,
    LOOKS_AT_LEAST_HOURS,
    OF,
    REFUSED_SHARE,
    RETRAIN_DAYS,
    SLOW_BUDGET,
    SLOW_SECONDS,
    UNWATCHED_DAYS,
    Burn,
)

WHERE = "{{ $labels.use_case }}{{ with $labels.environment }} in {{ . }}{{ end }}"
SHARE = "{{ $value | humanizePercentage }}"


@dataclass(frozen=True)
class Alert:
    """One alerting rule.

    Attributes:
        severity: ``page`` calls somebody now, ``ticket`` is looked at on the next working day.
        wait: for how long the expression must hold.
        summary, description: in Prometheus' templates.
        window: what tells alerts of one name apart; "" where there is only one.
    """

    name: str
    severity: str
    expression: str
    wait: str
    summary: str
    description: str
    window: str = ""

    @property
    def labels(self) -> dict[str, str]:
        """What Alertmanager goes by."""
        return {"severity": self.severity} | ({"window": self.window} if self.window else {})

    @property
    def anchor(self) -> str:
        """Of its chapter in docs/runbooks.md: a heading that is the alert's name."""
        return self.name.lower()


def endpoint_alerts() -> Iterator[Alert]:
    """What Prometheus sees of endpoints."""
    yield from (_errors(burn) for burn in BURNS)
    yield from (_slow(burn) for burn in BURNS)
    yield from (_absent(), _silent(), _refused(), _log())


def monitor_alerts() -> Iterator[Alert]:
    """What `slipway monitor` pushed, or did not push."""
    yield from (_alarm(), _drift(), _performance(), _retrain(), _late(), _unwatched())


def alerts() -> tuple[Alert, ...]:
    """All of them."""
    return (*endpoint_alerts(), *monitor_alerts())


def _burning(series: str, budget: float, burn: Burn) -> str:
    bound = f"{burn.factor * budget:g}"
    return f"slipway:{series}:share{burn.long} > {bound} and slipway:{series}:share{burn.short} > {bound}"


def _errors(burn: Burn) -> Alert:
    return Alert(
        name="SlipwayErrors",
        severity=burn.severity,
        window=burn.long,
        expression=_burning("errors", ERROR_BUDGET, burn),
        wait=burn.wait,
        summary=f"{WHERE}: {SHARE} of requests end in an error",
        description=(
            f"Over {burn.long} and over {burn.short} the endpoint answered more than {burn.factor * ERROR_BUDGET:.2%} "
            f"of its requests with a 5xx: {burn.factor:g} times what a month's budget of {ERROR_BUDGET:.1%} allows."
        ),
    )


def _slow(burn: Burn) -> Alert:
    return Alert(
        name="SlipwaySlow",
        severity=burn.severity,
        window=burn.long,
        expression=_burning("slow", SLOW_BUDGET, burn),
        wait=burn.wait,
        summary=f"{WHERE}: {SHARE} of predictions take longer than {SLOW_SECONDS * 1000:g} ms",
        description=(
            f"Over {burn.long} and over {burn.short} more than {burn.factor * SLOW_BUDGET:.1%} of predictions took "
            f"longer than {SLOW_SECONDS * 1000:g} ms: {burn.factor:g} times what a month's budget of "
            f"{SLOW_BUDGET:.1%} allows."
        ),
    )


def _absent() -> Alert:
    seen = f"count by ({OF}) (last_over_time(slipway_model_info[1d]))"
    return Alert(
        name="SlipwayEndpointAbsent",
        severity="page",
        expression=f"{seen} unless slipway:endpoints:up",
        wait="10m",
        summary=f"{WHERE}: no endpoint can be scraped any more",
        description="Endpoints were seen within a day, and now there is none: they are down, or Prometheus lost them.",
    )


def _silent() -> Alert:
    quiet = "slipway:requests:rate2h == 0"
    return Alert(
        name="SlipwaySilent",
        severity="ticket",
        expression=f"{quiet} and slipway:requests:rate2h offset 1d * 7200 > {LEAST_REQUESTS}",
        wait="15m",
        summary=f"{WHERE}: nobody has asked for two hours",
        description=(
            f"The endpoint is up and was asked nothing for two hours; in the same two hours of yesterday it was asked "
            f"more than {LEAST_REQUESTS} times."
        ),
    )


def _refused() -> Alert:
    enough = f"slipway:requests:rate1h * 3600 > {LEAST_JUDGED}"
    return Alert(
        name="SlipwayRefusedInputs",
        severity="ticket",
        expression=f"slipway:refused:share1h > {REFUSED_SHARE} and {enough}",
        wait="15m",
        summary=f"{WHERE}: {SHARE} of requests are refused",
        description=(
            f"Over an hour more than {REFUSED_SHARE:.0%} of at least {LEAST_JUDGED} requests did not fit the model's "
            "inputs. The endpoint is well; who asks it sends something else than it was trained on."
        ),
    )


def _log() -> Alert:
    lost = f"sum by ({OF}) (increase(slipway_log_dropped_total[1h]) + increase(slipway_log_failed_total[1h]))"
    return Alert(
        name="SlipwayLogLoses",
        severity="ticket",
        expression=f"{lost} > 0",
        wait="15m",
        summary=f"{WHERE}: the prediction log cannot be written, or loses entries",
        description="Entries were dropped or attempts to write failed within an hour; what is lost no look will see.",
    )


def _alarm() -> Alert:
    return Alert(
        name="SlipwayMonitorAlarm",
        severity="ticket",
        expression="slipway_monitor_alarms > 0",
        wait="0m",
        summary="{{ $labels.use_case }}: the last look raised {{ $value }} alarms",
        description="`slipway monitor` found what people are to be called for; its report names each finding.",
    )


def _drift() -> Alert:
    return Alert(
        name="SlipwayDrift",
        severity="ticket",
        expression="slipway_monitor_drift_matters == 1",
        wait="0m",
        summary="{{ $labels.use_case }}: {{ $labels.column }} has drifted ({{ $labels.test }})",
        description="The change is proved, reaches its floor, and the column is important enough to act on.",
    )


def _performance() -> Alert:
    by = "use_case, metric"
    return Alert(
        name="SlipwayPerformanceLost",
        severity="ticket",
        expression=(
            f"slipway_monitor_performance_loss and on ({by}) slipway_monitor_performance_loss_proved == 1 "
            f"or slipway_monitor_estimated_loss and on ({by}) slipway_monitor_estimated_loss_proved == 1"
        ),
        wait="0m",
        summary="{{ $labels.use_case }}: {{ $labels.metric }} is worse by " + SHARE,
        description=(
            "The whole interval of the loss, by labels, or the estimate less its error lies above what is tolerated."
        ),
    )


def _retrain() -> Alert:
    return Alert(
        name="SlipwayRetrainOverdue",
        severity="ticket",
        expression='slipway_monitor_retrain{answer="yes"} == 1',
        wait=f"{RETRAIN_DAYS}d",
        summary="{{ $labels.use_case }}: retraining is decided and does not happen",
        description=f"Every look of {RETRAIN_DAYS} days said yes, and still the same model is watched.",
    )


def _late() -> Alert:
    return Alert(
        name="SlipwayMonitorSilent",
        severity="ticket",
        expression=f"time() - slipway_monitor_last_look_timestamp_seconds > {LOOKS_AT_LEAST_HOURS * 3600}",
        wait="0m",
        summary="{{ $labels.use_case }}: no look for {{ $value | humanizeDuration }}",
        description=f"No look was pushed for {LOOKS_AT_LEAST_HOURS} hours, so nobody would hear of drift or loss.",
    )


def _unwatched() -> Alert:
    watched = "on (use_case) slipway_monitor_last_look_timestamp_seconds"
    return Alert(
        name="SlipwayUnwatched",
        severity="ticket",
        expression=f"slipway:endpoints:up unless {watched}",
        wait=f"{UNWATCHED_DAYS}d",
        summary=f"{WHERE}: answers, and is not watched",
        description="The endpoint is up, and the Pushgateway has no look at this use case.",
    )
