"""What a search for better parameters came to: verdict, figures, plots; read in a terminal or on a pull request."""

from collections.abc import Sequence

from slipway.core.tuning import Gain, Setting, Trial, TrialState, Tuning
from slipway.report.figures import NOT_DEFINED, duration, label, share
from slipway.report.text import bullets, counted, escape, fold, paragraphs, table

_MOST_TRIALS = 15
_MOST_PLOTTED = 200


def tuning_report(tuning: Tuning) -> str:
    """GitHub-flavoured Markdown; ends with a newline."""
    parts = (
        f"## Tuning of {escape(tuning.use_case)}",
        verdict(tuning),
        _gains(tuning),
        _parameters(tuning),
        _by_fold(tuning),
        _history(tuning),
        _importances(tuning),
        _trials(tuning),
    )
    return paragraphs(*parts) + "\n"


def verdict(tuning: Tuning) -> str:
    """One line: what is proposed, or why nothing is."""
    metric = escape(label(tuning.metric).removesuffix(" ↓"))
    if tuning.winner is None or tuning.gain is None:
        return "**Nothing is proposed**: no trial was measured on all folds yet."
    if tuning.proposal:
        names = counted(len(tuning.proposal), "parameter")
        gain = f"a gain in {metric} of {_gain(tuning.gain)}"
        return f"**A change of {names} is proposed**: {gain}; the interval excludes zero."
    if tuning.winner.default:
        return f"**Nothing is proposed**: no trial was better by {metric} than the present parameters."
    if tuning.gain.low > 0:
        return "**Nothing is proposed**: the best trial has the values that are there already."
    return (
        f"**Nothing is proposed**: a gain in {metric} of {_gain(tuning.gain)} over the present parameters, "
        "and the interval includes zero."
    )


def _gains(tuning: Tuning) -> str:
    if tuning.gain is None or tuning.shown.apparent is None:
        return ""
    kind = f"in order of {escape(tuning.ordered_by)}" if tuning.ordered_by else "dealt by key"
    return bullets(
        (
            f"{counted(tuning.rows, 'training row')} were measured on, in {tuning.folds} folds {kind}; "
            "no row of the holdout was read.",
            f"Gain over the present parameters: **{_gain(tuning.gain)}** (95 %, paired by row). Each fold is scored by "
            "the trial that is best on the other folds, so that the luck of the best of many does not count.",
            f"The best trial on the rows it was chosen by: {_gain(tuning.shown.apparent)}. This flatters it.",
        )
    )


def _parameters(tuning: Tuning) -> str:
    winner = tuning.winner
    if winner is None:
        return ""
    rows = [
        (
            f"`{name}`",
            _setting(tuning.present[name]),
            _setting(winner.params[name]),
            f"{_setting(given.low)} to {_setting(given.high)}" + (", by orders" if given.log else ""),
            share(tuning.importances[name]) if name in tuning.importances else NOT_DEFINED,
        )
        for name, given in tuning.space.items()
    ]
    head = ("parameter", "present", f"best (trial {winner.number})", "searched", "importance")
    return paragraphs("### Parameters", table(head, rows))


def _by_fold(tuning: Tuning) -> str:
    if not tuning.shown.by_fold:
        return ""
    rows = [(str(number + 1), _figure(mine), _figure(best)) for number, (mine, best) in enumerate(tuning.shown.by_fold)]
    return paragraphs(f"### {escape(label(tuning.metric))} by fold", table(("fold", "present", "best"), rows))


def _history(tuning: Tuning) -> str:
    complete = [trial for trial in tuning.trials if trial.value is not None][:_MOST_PLOTTED]
    if len(complete) < 2:
        return ""
    values = [trial.value for trial in complete if trial.value is not None]
    pick = max if tuning.higher_is_better else min
    best = [pick(values[: position + 1]) for position in range(len(values))]
    low, high = min(values), max(values)
    plot = _xychart(
        f'x-axis "Complete trials in order" 1 --> {len(values)}',
        f'y-axis "{_words(tuning.metric)}" {_point(low)} --> {_point(high if high > low else low + 1)}',
        f"line [{', '.join(map(_point, best))}]",
        f"line [{', '.join(map(_point, values))}]",
    )
    return paragraphs("### History", "blue best so far, grey each complete trial", plot)


def _importances(tuning: Tuning) -> str:
    if not tuning.importances:
        return ""
    ranked = sorted(tuning.importances.items(), key=lambda pair: -pair[1])
    names = ", ".join(f'"{_words(name)}"' for name, _ in ranked)
    bars = ", ".join(_point(value) for _, value in ranked)
    plot = _xychart(f"x-axis [{names}]", 'y-axis "Share of variance" 0 --> 1', f"bar [{bars}]")
    note = "How much of what complete trials differ by goes with each parameter (functional ANOVA)."
    return paragraphs("### Importance", note, plot)


def _xychart(*lines: str) -> str:
    head = (
        "```mermaid",
        "---",
        "config:",
        "  xyChart: {width: 640, height: 320}",
        '  themeVariables: {xyChart: {plotColorPalette: "#3b82f6, #9ca3af"}}',
        "---",
        "xychart-beta",
    )
    return "\n".join((*head, *(f"  {line}" for line in lines), "```"))


def _trials(tuning: Tuning) -> str:
    ended = [trial for trial in tuning.trials if trial.state is not TrialState.RUNNING]
    if not ended:
        return ""
    states = [(state, sum(1 for trial in ended if trial.state is state)) for state in TrialState]
    summary = ", ".join(f"{count} {state}" for state, count in states if count)
    spent = duration(sum(trial.seconds or 0 for trial in ended))
    best = sorted(ended, key=lambda trial: _rank(trial, higher_is_better=tuning.higher_is_better))[:_MOST_TRIALS]
    names = list(tuning.space)
    rows = [
        (
            f"{trial.number}" + (" (present)" if trial.default else ""),
            _figure(trial.value) if trial.value is not None else f"{trial.state} after {len(trial.steps)}",
            *(_setting(trial.params[name]) for name in names),
        )
        for trial in best
    ]
    shown = table(("trial", escape(label(tuning.metric)), *(f"`{name}`" for name in names)), rows)
    problems = sorted({trial.problem for trial in ended if trial.problem})[:3]
    failed = bullets(f"failed: {escape(problem)}" for problem in problems)
    return paragraphs(
        f"{counted(len(ended), 'trial')} in {spent} of work: {summary}.",
        failed,
        fold(f"The best {len(rows)} trials" if len(ended) > len(rows) else "All trials", shown),
    )


def _rank(trial: Trial, *, higher_is_better: bool) -> tuple[bool, float]:
    if trial.value is None:
        return True, float(trial.number)
    return False, -trial.value if higher_is_better else trial.value


def _gain(gain: Gain) -> str:
    if gain.relative:
        value, low, high = (f"{100 * part:+.2f}\u00a0%" for part in (gain.value, gain.low, gain.high))
    else:
        value, low, high = (f"{part:+.5f}" for part in (gain.value, gain.low, gain.high))
    return f"{value} [{low},\u00a0{high}]"


def _figure(value: float | None) -> str:
    return NOT_DEFINED if value is None else _point(value)


def _point(value: float) -> str:
    return f"{value:.5g}" if abs(value) < 1e5 else f"{value:.0f}"


def _setting(value: Setting) -> str:
    return f"{value:g}"


def _words(name: str) -> str:
    return name.replace("_", " ").replace('"', "")


def parts_of_line(trial: Trial, known: Sequence[Trial], tuning_metric: str, *, higher_is_better: bool) -> str:
    """What is told of a trial as soon as it ended, on one line."""
    values = [(other.value, other.number) for other in known if other.value is not None]
    best = (max if higher_is_better else min)(values) if values else None
    ended = sum(1 for other in known if other.state is not TrialState.RUNNING)
    told = {
        TrialState.COMPLETE: f"{tuning_metric} {_figure(trial.value)}",
        TrialState.PRUNED: f"fell behind after {counted(len(trial.steps), 'fold')}",
        TrialState.FAILED: f"failed: {trial.problem}",
    }.get(trial.state, str(trial.state))
    record = f"; best {_point(best[0])} (trial {best[1]})" if best else ""
    return f"trial {trial.number}: {told}, {trial.seconds or 0:.1f} s; {ended} ended{record}"
