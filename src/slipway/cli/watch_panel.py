"""What a person reads when a look at a live model has ended."""

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from slipway.core.watch import Answer, Bias, Performance, Watch, Weight

_STYLES = {Answer.YES: "red", Answer.WAIT: "yellow", Answer.NO: "green"}
_WEIGHTS = {Weight.ALARM: "bold red", Weight.WARNING: "yellow", Weight.NOTE: "dim"}


def show_watch(console: Console, watch: Watch, folder: str, undrawn: str) -> None:
    """Print what was counted and found, the decision with its reasons, and where to read on.

    Args:
        folder: with watch.json and report.html; ``undrawn`` says why the latter is not there.
    """
    table = Table.grid(padding=(0, 2))
    table.add_row("seen", _seen(watch))
    for each in watch.performance:
        table.add_row(escape(each.metric), _held(each))
    if watch.bias:
        table.add_row("bias", f"{_held(watch.bias)}, in standard deviations")
    table.add_row("findings", _findings(watch))
    table.add_row("retrain", _decision(watch))
    table.add_row("read on", escape(f"{folder}/watch.json" if undrawn else f"{folder}/watch.json and report.html"))
    if undrawn:
        table.add_row("", escape(undrawn))
    title = f"{watch.use_case} version {watch.version}, {watch.span.since[:16]} to {watch.span.until[:16]}"
    console.print(Panel(table, title=title, border_style="red" if watch.alarms else _STYLES[watch.retrain.answer]))


def _seen(watch: Watch) -> str:
    counts = watch.counts
    return (
        f"{counts.predictions:,} predictions in {counts.requests:,} requests, {counts.refused:,} refused, "
        f"{counts.feedback:,} outcomes; {counts.files:,} files"
    )


def _held(each: Performance | Bias) -> str:
    values = [_figure(metric.value) for metric in (each.observed, each.reference)]
    return f"{values[0]} on {each.rows:,} outcomes, {values[1]} when it was made"


def _figure(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"


def _findings(watch: Watch) -> str:
    told = [f"[{_WEIGHTS[found.weight]}]{found.weight}[/] {escape(found.told)}" for found in watch.findings]
    return "\n".join(told) or "none"


def _decision(watch: Watch) -> str:
    answer, reasons = watch.retrain.answer, watch.retrain.reasons
    return "\n".join([f"[bold {_STYLES[answer]}]{answer}[/]", *(f"- {escape(reason)}" for reason in reasons)])
