"""What a person reads when a run has ended."""

from collections.abc import Mapping

from rich.console import Console, Group
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from slipway.core.evaluation import Decision, Verdict
from slipway.core.record import Record
from slipway.core.version import Version
from slipway.stages.serve import Trial

_STYLES = {Decision.PROMOTE: "green", Decision.HOLD: "yellow", Decision.REJECT: "red"}


def show_panel(
    console: Console, record: Record, version: Version | None, read_on: Mapping[str, str], trial: Trial | None
) -> None:
    """Print verdict, version, where to read on, and the endpoint's answer.

    Args:
        read_on: what there is to look at, and where or with which command.
    """
    verdict = record.evaluation.verdict
    table = Table.grid(padding=(0, 2))
    table.add_row("verdict", _verdict(verdict))
    table.add_row("registered", _registered(version))
    for what, where in read_on.items():
        table.add_row(what, escape(where))
    style = _STYLES[verdict.decision]
    console.print(Panel(table, title=f"{record.evaluation.use_case}: {verdict.decision}", border_style=style))
    if trial is not None:
        console.print(Group("ask it (after `make serve`):", escape(trial.curl), escape(trial.answer)), soft_wrap=True)


def _verdict(verdict: Verdict) -> str:
    reasons = "\n".join(f"- {escape(reason)}" for reason in verdict.reasons)
    return f"[bold {_STYLES[verdict.decision]}]{verdict.decision}[/]\n{reasons}"


def _registered(version: Version | None) -> str:
    if version is None:
        return "no"
    aliases = ", ".join(version.aliases)
    return f"{version.use_case} version {version.number}" + (f" ({aliases})" if aliases else "")
