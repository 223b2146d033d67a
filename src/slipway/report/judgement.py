"""The sections that say how the candidate was judged."""

from collections.abc import Sequence

from slipway.core.evaluation import (
    ApiChange,
    Comparison,
    Decision,
    Evaluation,
    GateResult,
    Incumbents,
    IntervalCheck,
    Metric,
    Opponent,
    Outcome,
    Sabotage,
    SelfTest,
    SliceResult,
)
from slipway.report.figures import NOT_DEFINED, difference, gain, interval, label, number, units
from slipway.report.text import bullets, counted, escape, fold, listing, paragraphs, table

MARKS = {Decision.PROMOTE: "✅", Decision.REJECT: "❌", Decision.HOLD: "⏸️"}
_OUTCOME_MARKS = {Outcome.PASSED: "✅", Outcome.FAILED: "❌", Outcome.UNDECIDED: "❔", Outcome.NOT_APPLICABLE: "➖"}
_LEGEND = "✅ passed, ❌ failed, ❔ undecided, ➖ does not apply."
_ROWS_UNFOLDED = 8
_MOST_SABOTAGES = 12
_MOST_SLICES = 60
_MOST_LINES = 40


def headline(evaluation: Evaluation) -> str:
    """The verdict in one sentence that needs no training in statistics."""
    champion = evaluation.incumbents.champion
    stays = f"champion version {escape(champion.version)} stays" if champion else "there is no champion yet"
    match evaluation.verdict.decision:
        case Decision.PROMOTE if champion:
            return f"Good to go: the candidate replaces champion version {escape(champion.version)}."
        case Decision.PROMOTE:
            return "Good to go: the candidate becomes the first champion."
        case Decision.REJECT:
            return f"Not good enough: the candidate is refused, {stays}."
        case _:
            return f"No evidence either way: the candidate waits, {stays}."


def verdict(evaluation: Evaluation) -> str:
    """The decision, its reasons and what it was based on."""
    decision = evaluation.verdict.decision
    reasons = [escape(r, limit=400) for r in evaluation.verdict.reasons]
    judged = f"Judged on {counted(evaluation.rows, 'row')} that training did not see."
    return paragraphs(
        f"## {MARKS[decision]} {escape(evaluation.use_case)}: {decision.value}",
        f"**{headline(evaluation)}**",
        bullets([*reasons[:20], *_left_out(len(reasons) - 20, "reason")]),
        judged,
    )


def against_main(evaluation: Evaluation) -> str:
    """Every metric with its interval, beside the figure committed on the base branch."""
    main, held = evaluation.incumbents.main, _interval_check(evaluation.interval)
    metrics = evaluation.metrics[:_MOST_LINES]
    if main is None:
        rows = [(_metric(m.name), interval(m)) for m in metrics]
        note = "The base branch has no metrics yet, so there is nothing to compare with."
        return paragraphs("### Candidate", table(("Metric", "Candidate"), rows), held, note, _ARROW_NOTE)
    name = escape(main.reference, limit=24)
    beside = [(_metric(m.name), interval(m), _main_figure(m, main.metrics)) for m in metrics]
    note = f"95 % intervals in brackets, what the candidate adds to {name} in parentheses; not paired. {_ARROW_NOTE}"
    return paragraphs(f"### Against {name}", table(("Metric", "Candidate", name), beside), held, note)


_ARROW_NOTE = "↓ means less is better."


def _metric(name: str) -> str:
    return escape(label(name), limit=40)


def _interval_check(check: IntervalCheck | None) -> str:
    if check is None:
        return ""
    return (
        f"Intervals: made to hold {check.level:.0%} of true values, they hold {interval(check.coverage)} of these "
        f"rows; {_width(check)}."
    )


def _width(check: IntervalCheck) -> str:
    mean = check.mean_width
    if mean is None or mean.low == mean.high:
        return f"each is {number(check.width)} wide"
    return f"they are {interval(mean)} wide on average, each by its own prediction"


def _main_figure(metric: Metric, main: dict[str, float]) -> str:
    before = main.get(metric.name)
    if before is None or metric.value is None:
        return number(before)
    return f"{number(before)} ({gain(metric.value, before)})"


def against_champion(evaluation: Evaluation) -> str:
    """Paired differences with intervals, and how much this holdout can tell apart."""
    incumbents = evaluation.incumbents
    title = "### Against the champion" + (
        f" (version {escape(incumbents.champion.version, limit=24)})" if incumbents.champion else ""
    )
    comparisons = _distinct(evaluation)[:_MOST_LINES]
    paired = table(("Against", "Difference", "Finding"), (_comparison(c) for c in comparisons)) if comparisons else ""
    note = "Paired on the same rows, 95 % intervals in brackets; above zero the candidate is better." if paired else ""
    return paragraphs(title, *_absences(incumbents), paired, note, _resolution(comparisons), _others(evaluation))


def _distinct(evaluation: Evaluation) -> tuple[Comparison, ...]:
    """All comparisons; those with the anchor only where it is another model than the champion."""
    if not _anchor_is_champion(evaluation.incumbents):
        return evaluation.comparisons
    return tuple(c for c in evaluation.comparisons if c.against != "anchor")


def _anchor_is_champion(incumbents: Incumbents) -> bool:
    champion, anchor = incumbents.champion, incumbents.anchor
    return champion is not None and anchor is not None and champion.version == anchor.version


def _absences(incumbents: Incumbents) -> tuple[str, ...]:
    if incumbents.registry == "unreachable":
        return ("⚠️ The registry did not answer, so the champion is not known.",)
    if incumbents.champion is None:
        return ("There is no champion yet: this is the first.",)
    same = "It is the anchor too." if _anchor_is_champion(incumbents) else ""
    notes = (same, _problem("champion", incumbents.champion), _problem("anchor", incumbents.anchor))
    return tuple(note for note in notes if note)


def _problem(role: str, opponent: Opponent | None) -> str:
    if opponent is None or opponent.problem is None:
        return ""
    return f"⚠️ The {role} could not be judged: {escape(opponent.problem, limit=400)}"


def _comparison(comparison: Comparison) -> tuple[str, str, str]:
    against = f"{escape(comparison.against, limit=40)}, {_metric(comparison.metric)}"
    return against, difference(comparison), comparison.finding.value


def _resolution(comparisons: Sequence[Comparison]) -> str:
    lines = [_resolves(c) for c in comparisons if c.rows_to_settle is not None]
    return fold("What this holdout can tell apart", bullets(lines)) if lines else ""


def _resolves(comparison: Comparison) -> str:
    margin = units(comparison.margin, relative=comparison.relative)
    resolvable = units(comparison.resolvable, relative=comparison.relative)
    return (
        f"{escape(comparison.against, limit=40)}, {_metric(comparison.metric)}: it proves a drop of {resolvable} "
        f"in four of five cases (deviation {number(comparison.deviation)} a row). "
        f"To pass the margin of {margin} with 95 % of equal models takes {comparison.rows_to_settle:,} rows."
    )


def _others(evaluation: Evaluation) -> str:
    columns = [("Champion", evaluation.champion_metrics), ("Baseline", evaluation.baseline_metrics)]
    shown = [(title, {m.name: m for m in metrics}) for title, metrics in columns if metrics]
    if not shown:
        return ""
    names = [m.name for m in evaluation.metrics][:_MOST_LINES]
    rows = [(_metric(n), *(interval(ms[n]) if n in ms else NOT_DEFINED for _, ms in shown)) for n in names]
    title = " and ".join(t.lower() for t, _ in shown)
    return fold(f"Metrics of {title} on the same rows", table(("Metric", *(t for t, _ in shown)), rows))


def gates(results: Sequence[GateResult]) -> str:
    """What each gate saw and asked for; reasons of those that did not pass."""
    shown = results[:_MOST_LINES]
    rows = [(f"{_OUTCOME_MARKS[g.outcome]} {_gate(g.gate)}", _cell(g.observed), _cell(g.required)) for g in shown]
    stopped = [g for g in shown if g.outcome in {Outcome.FAILED, Outcome.UNDECIDED}]
    reasons = bullets(f"{_gate(g.gate)}: {escape(g.reason)}" for g in stopped)
    passed = sum(g.outcome is Outcome.PASSED for g in results)
    counts = f"{passed} of {counted(len(results), 'gate')} passed. {_LEGEND}"
    return paragraphs("### Gates", table(("Gate", "Observed", "Required"), rows), reasons, counts)


def api_changes(evaluation: Evaluation) -> str:
    """What callers of the champion would notice; nothing to say about a first model."""
    champion, changes = evaluation.incumbents.champion, evaluation.api_changes
    if champion is None:
        return ""
    if not changes:
        unknown = any(g.gate == "api" and g.outcome is not Outcome.PASSED for g in evaluation.gates)
        said = "The champion's API is not known." if unknown else "None: what champion and candidate take is the same."
        return paragraphs("### API changes", said)
    shown = changes[:_MOST_LINES]
    rows = [(_cell(c.field) or "all inputs", _api_change(c), "❌ breaks" if c.breaking else "no") for c in shown]
    breaking = sum(c.breaking for c in changes)
    counts = (
        f"Against version {escape(champion.version, limit=24)}: {counted(len(changes), 'change')}, {breaking} breaking."
    )
    body = table(("Field", "Change", "Breaking"), rows)
    return paragraphs("### API changes", body, counts, *_left_out(len(changes) - _MOST_LINES, "change"))


def _api_change(change: ApiChange) -> str:
    return f"{change.kind.value}: {escape(change.detail)}"


def _gate(name: str) -> str:
    return escape(name, limit=60)


def _cell(text: str) -> str:
    return escape(text, limit=120)


def slices(evaluation: Evaluation) -> str:
    """The candidate on parts of the data; long tables are folded, untested slices are named."""
    results, relative = evaluation.slices, _relative_metrics(evaluation)
    tested = [s for s in results if s.tested]
    if not results:
        return ""
    held = ("Interval holds", "Width") if any(s.interval for s in tested) else ()
    body = table(
        ("Slice", _slice_metric(tested), "Difference", *held),
        ((*_slice(s, relative), *_slice_interval(s)[: len(held)]) for s in tested[:_MOST_SLICES]),
    )
    if not tested:
        body = "No slice has rows enough to be tested."
    elif len(tested) > _ROWS_UNFOLDED:
        body = paragraphs(_worst(tested, relative), fold(f"All {len(tested)} slices", body))
    note = "Difference: candidate minus champion, above zero is better; ⚠️ proved worse (Holm, p below 0.05)."
    return paragraphs(
        "### Slices",
        body,
        note if any(s.difference is not None for s in tested) else "",
        *_left_out(len(tested) - _MOST_SLICES, "slice"),
        _untested(results),
    )


def _slice_metric(tested: Sequence[SliceResult]) -> str:
    return _metric(tested[0].metrics[0].name) if tested and tested[0].metrics else "Metric"


def _slice(result: SliceResult, relative: frozenset[str]) -> tuple[str, str, str]:
    name = f"{_slice_name(result)}{' (strict)' if result.strict else ''}, {counted(result.rows, 'row')}"
    return name, interval(result.metrics[0]) if result.metrics else NOT_DEFINED, _slice_difference(result, relative)


def _slice_interval(result: SliceResult) -> tuple[str, str]:
    check = result.interval
    if check is None:
        return NOT_DEFINED, NOT_DEFINED
    return interval(check.coverage), number(check.width) if check.mean_width is None else interval(check.mean_width)


def _slice_name(result: SliceResult) -> str:
    return f"{escape(result.column, limit=40)} {escape(result.value, limit=40)}"


def _slice_difference(result: SliceResult, relative: frozenset[str]) -> str:
    if result.difference is None:
        return NOT_DEFINED
    shared = bool(result.metrics) and result.metrics[0].name in relative
    difference = units(result.difference, relative=shared, sign=True)
    return f"⚠️ {difference} (p {number(result.p_value)})" if _proved_worse(result) else difference


def _relative_metrics(evaluation: Evaluation) -> frozenset[str]:
    return frozenset(c.metric for c in evaluation.comparisons if c.relative)


def _proved_worse(result: SliceResult) -> bool:
    worse = result.difference is not None and result.difference < 0
    return worse and result.p_value is not None and result.p_value < 0.05


def _worst(tested: Sequence[SliceResult], relative: frozenset[str]) -> str:
    compared = [s for s in tested if s.difference is not None]
    if not compared:
        return f"{counted(len(tested), 'slice')} tested; there was no champion to compare with."
    worst = min(compared, key=lambda s: s.difference or 0.0)
    proved = sum(_proved_worse(s) for s in compared)
    name, _, lowest = _slice(worst, relative)
    return f"{counted(len(tested), 'slice')} tested, {proved} proved worse. Lowest: {name}: {lowest}."


def _untested(results: Sequence[SliceResult]) -> str:
    names = [f"{_slice_name(s)} ({counted(s.rows, 'row')})" for s in results if not s.tested]
    return f"Not tested, too few rows of the rarer class: {listing(names, 20)}." if names else ""


def self_test(result: SelfTest) -> str:
    """Models that must be refused against the gates: who refused them, and every single answer folded."""
    shown = result.sabotages[:_MOST_SABOTAGES]
    rows = [_sabotage(place, s) for place, s in enumerate(shown, 1)]
    failures = bullets(f"❌ {escape(f)}" for f in result.failures[:_MOST_LINES])
    said = failures or "Every model that must be refused was refused: the gates do gate."
    overview = table(("Sabotaged model", "Refused by gates"), rows) if rows else ""
    folded = fold("What each gate said to each model", _matrix(shown)) if rows else ""
    return paragraphs("### Do the gates gate?", overview, said, folded)


def _sabotage(place: int, sabotage: Sabotage) -> tuple[str, str]:
    said = list(sabotage.outcomes.values())
    refusing = said.count(Outcome.FAILED) + said.count(Outcome.UNDECIDED)
    applying = len(said) - said.count(Outcome.NOT_APPLICABLE)
    refused = f"✅ by {refusing} of {applying}" if refusing else "✅ yes"
    return f"{place} {_cell(sabotage.name)}", refused if sabotage.refused else "➖ no"


def _matrix(sabotages: Sequence[Sabotage]) -> str:
    names = list(dict.fromkeys(gate for s in sabotages for gate in s.outcomes))[:_MOST_LINES]
    rows = [(_gate(name), *(_mark(s.outcomes.get(name)) for s in sabotages)) for name in names]
    models = bullets(f"{place} {_cell(s.name)}: {escape(s.description)}" for place, s in enumerate(sabotages, 1))
    return paragraphs(table(("Gate", *map(str, range(1, len(sabotages) + 1))), rows), _LEGEND, models)


def _mark(outcome: Outcome | None) -> str:
    return "" if outcome is None else _OUTCOME_MARKS[outcome]


def _left_out(number_left: int, noun: str) -> tuple[str, ...]:
    return (f"{counted(number_left, f'more {noun}')} in the record.",) if number_left > 0 else ()
