"""What a look at a live model says, in Markdown: a workflow's summary, and the body of the issue on its alarms."""

from collections.abc import Sequence

from slipway.core.evaluation import Metric
from slipway.core.watch import Bias, ColumnDrift, Counts, Estimate, Health, Performance, Sighting, Watch, Weight
from slipway.report.figures import interval, label, number, share, signed, tiny
from slipway.report.text import bullets, counted, escape, fold, listing, paragraphs, table
from slipway.report.watch_words import day, decision, verdict

_MOST_COLUMNS = 20
_MOST_FINDINGS = 30
_LONGEST_SENTENCE = 500
_MARKS = {Weight.ALARM: "🚨", Weight.WARNING: "⚠️", Weight.NOTE: "🔹"}
_HEADINGS = {Weight.ALARM: "Alarms", Weight.WARNING: "Warnings", Weight.NOTE: "Notes"}


def render(watch: Watch, *, run_url: str = "") -> str:
    """GitHub-flavoured Markdown, the decision first; a few lines where nothing is wrong.

    Tables are narrow enough for a phone. ``run_url`` is the page of the run whose artifact is the full report.
    """
    return (
        paragraphs(
            f"## {verdict(watch)}",
            _about(watch),
            _decision(watch),
            *(_findings(watch, weight) for weight in (Weight.ALARM, Weight.WARNING)),
            _drifted(watch),
            _performance(watch),
            _estimate(watch.estimate),
            _findings(watch, Weight.NOTE),
            fold("Log and endpoint", paragraphs(_counts(watch.counts), _health(watch.health))),
            f"[Run and full report]({run_url})" if run_url else "",
        )
        + "\n"
    )


def _about(watch: Watch) -> str:
    seen = counted(watch.counts.predictions, "prediction")
    known = counted(watch.counts.feedback, "outcome")
    known += f" since {day(watch.outcomes_since)}" if watch.outcomes_since else ""
    return f"Version {watch.version}, {day(watch.span.since)} to {day(watch.span.until)}: {seen}, {known}."


def _decision(watch: Watch) -> str:
    told = watch.retrain
    since = f" Seen since {day(told.since)}." if told.since else ""
    reasons = bullets(escape(reason, limit=_LONGEST_SENTENCE) for reason in told.reasons)
    return paragraphs(f"**{decision(told)}.**{since}", reasons)


def _findings(watch: Watch, weight: Weight) -> str:
    found = [one for one in watch.findings if one.weight is weight]
    if not found:
        return ""
    lines = [_finding(one) for one in found[:_MOST_FINDINGS]]
    if len(found) > _MOST_FINDINGS:
        lines.append(f"and {len(found) - _MOST_FINDINGS:,} more, in `watch.json`")
    return paragraphs(f"### {_MARKS[weight]} {_HEADINGS[weight]}", bullets(lines))


def _finding(found: Sighting) -> str:
    name = escape(found.name, limit=80)
    told = escape(found.told.removeprefix(f"{found.name}: "), limit=_LONGEST_SENTENCE)
    return f"**{name}**: {told}" if told else f"**{name}**"


def _drifted(watch: Watch) -> str:
    """What moved, the most important column first; how many tests saw nothing."""
    tests = [*watch.columns, *([watch.prediction] if watch.prediction else [])]
    tested = [test for test in tests if test.p_value is not None]
    drifted = sorted((test for test in tests if test.drifted), key=_order)
    untested = len(tests) - len(tested)
    rest = f" {counted(untested, 'test')} could not be made." if untested else ""
    if not drifted:
        return f"No drift: {counted(len(tested), 'test')} of inputs and predictions.{rest}" if tests else ""
    rows = [_row(test, is_prediction=test is watch.prediction) for test in drifted[:_MOST_COLUMNS]]
    left = len(drifted) - _MOST_COLUMNS
    more = f" {counted(left, 'more row')} in `watch.json`." if left > 0 else ""
    told = f"{len(drifted):,} of {counted(len(tested), 'test')} show a drift; ❗ where it matters to the model."
    return paragraphs("### Drift", table(("Column", "Weight", "Effect", "p"), rows), told + more + rest)


def _order(test: ColumnDrift) -> tuple[bool, float, str]:
    return not test.matters, -(test.importance or 0.0), test.column


def _row(test: ColumnDrift, *, is_prediction: bool) -> tuple[str, ...]:
    name = "predictions" if is_prediction else escape(test.column, limit=40)
    kind = " (missing)" if test.test == "missing" else ""
    detail = f"<br>{escape(test.detail, limit=100)}" if test.detail else ""
    mark = "❗ " if test.matters else ""
    weight = "" if test.importance is None else share(test.importance)
    effect = "" if test.effect is None else f"{number(test.effect)}<br>floor {number(test.floor)}"
    return f"{mark}**{name}**{kind}{detail}", weight, effect, _p(test.p_value)


def _p(value: float | None) -> str:
    if value is None:
        return ""
    return tiny(value) if value < 0.001 else number(value)


def _performance(watch: Watch) -> str:
    """A table where a loss is proved or answers are off; otherwise the one metric, and the others folded."""
    if not watch.performance:
        return ""
    rows = [_metric(one) for one in watch.performance]
    rows += [_bias(watch.bias)] if watch.bias else []
    first = watch.performance[0]
    labelled = counted(first.rows, "labelled row")
    told = f"Loss: the share by which it is worse, with its 95 % interval, on {labelled}."
    shown = paragraphs(table(("Metric", "Now and on the reference", "Loss"), rows), told)
    if any(one.proved for one in watch.performance) or (watch.bias and watch.bias.proved):
        return paragraphs("### Performance", shown)
    name = escape(label(first.metric), limit=40)
    line = f"**{name}** {interval(first.observed)} on {labelled}, {interval(first.reference)} on the reference."
    return paragraphs(line, fold("All metrics", shown))


def _metric(one: Performance) -> tuple[str, ...]:
    mark = "❗ " if one.proved else ""
    name = escape(label(one.metric), limit=40)
    return f"{mark}**{name}**", f"{interval(one.observed)}<br>was {interval(one.reference)}", _loss(one.loss)


def _bias(found: Bias) -> tuple[str, ...]:
    mark = "❗ " if found.proved else ""
    told = f"{interval(found.observed)}<br>was {interval(found.reference)}"
    return f"{mark}**Bias**<br>in standard deviations", told, ""


def _loss(loss: Metric) -> str:
    if loss.value is None:
        return ""
    value = f"{_percent(loss.value)}\u00a0%"
    if loss.low is None or loss.high is None:
        return value
    return f"{value} [{_percent(loss.low)},\u00a0{_percent(loss.high)}]"


def _percent(part: float) -> str:
    return signed(round(100 * part, 1), like=100)


def _estimate(found: Estimate | None) -> str:
    if found is None or found.estimated is None:
        return ""
    error = "" if found.error is None else f" ± {number(found.error)} (standard error)"
    mark = "❗ " if found.lost else ""
    loss = _loss(found.loss)
    lost = f", a loss of {loss}" if loss else ""
    rows = counted(found.rows, "prediction")
    name = escape(label(found.metric), limit=40)
    return f"{mark}**Estimated without outcomes**: {name} {number(found.estimated)}{error}{lost}, from {rows}."


def _counts(counts: Counts) -> str:
    """Only what there is any of, but always what was read."""
    others = listing([f"{counted(n, 'row')} of version {escape(v, limit=12)}" for v, n in counts.others.items()], 5)
    odd = {
        "torn file": counts.torn,
        "unreadable line": counts.unreadable,
        "repeated entry": counts.repeated,
        "misdated entry": counts.misdated,
        "refused request": counts.refused,
        "contradictory outcome": counts.contradictory,
        "outcome without a prediction": counts.orphaned,
    }
    told = [counted(counts.files, "file"), counted(counts.requests, "request"), *([others] if others else [])]
    return "Read: " + ", ".join([*told, *(_counted(n, noun) for noun, n in odd.items() if n)]) + "."


def _counted(count: int, noun: str) -> str:
    plural = {"repeated entry": "repeated entries", "misdated entry": "misdated entries"}
    plural["outcome without a prediction"] = "outcomes without a prediction"
    return f"{count:,} {noun if count == 1 else plural.get(noun, noun + 's')}"


def _health(health: Health) -> str:
    """Shares in percent, latencies in milliseconds."""
    told: list[str] = []
    if health.refused_share is not None:
        told.append(f"{share(health.refused_share)} of requests refused")
    latencies: Sequence[tuple[str, float | None]] = (
        ("median", health.latency_p50),
        ("95 %", health.latency_p95),
        ("99 %", health.latency_p99),
    )
    known = [f"{name} {number(value)}\u00a0ms" for name, value in latencies if value is not None]
    told += [f"latency {', '.join(known)}"] if known else []
    if health.silent_hours is not None:
        told.append(f"longest silence {number(health.silent_hours)}\u00a0h")
    return f"Endpoint: {'; '.join(told)}." if told else ""
