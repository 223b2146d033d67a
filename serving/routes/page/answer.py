"""The answer to a row: the prediction in words and figures, and a bar for what each field adds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from serving.answers import Problem
from serving.bundle.signature import Signature
from serving.routes.page.figures import THIN, change, figure, label, percent, points, shown
from serving.routes.page.form import control_id
from serving.routes.page.markup import Child, Html, tag

_SHOWN_AT_ONCE = 8
_HALF = 96
_MIDDLE = 100


def waiting() -> Html:
    """What stands there before anything was asked."""
    return _section("", tag("p", "Fill in the form, or leave the real row that is in it, and ask.", class_="waiting"))


def answered(told: Mapping[str, Any], signature: Signature) -> Html:
    """The document of /explain, for people."""
    headline = _probability if signature.task == "classification" else _value
    return _section(
        _sentence(told, signature),
        headline(told, signature),
        _warnings(told["warnings"]),
        _contributions(told, signature),
        tag("p", f"Request {told['request_id']}", class_="fine"),
    )


def refused(problems: Sequence[Problem], not_shown: int, signature: Signature) -> Html:
    """That no answer was given, with a link to each field to mend."""
    positions = {field.name: position for position, field in enumerate(signature.inputs)}
    many = len(problems) + not_shown
    links = [tag("li", _link(problem, positions), f" {problem.problem}") for problem in problems]
    said = f"Not answered: {many} {'entry needs' if many == 1 else 'entries need'} another look."
    return _section(said, tag("p", said, class_="lead", aria_hidden="true"), tag("ul", links, class_="problems"))


def _link(problem: Problem, positions: Mapping[str, int]) -> Html | str:
    if problem.field is None or problem.field not in positions:
        return problem.field or "The row"
    return tag("a", label(problem.field), href=f"#{control_id(positions[problem.field])}")


def _section(said: str, *children: Child) -> Html:
    """The place of the answer. What is said aloud stays in its own element, which the script fills anew."""
    status = tag("p", said, id="said", role="status", class_="unseen")
    return tag(
        "section",
        tag("h2", "Answer"),
        status,
        tag("div", children, id="told"),
        id="answer",
        class_="answer",
        aria_label="Answer",
    )


def _sentence(told: Mapping[str, Any], signature: Signature) -> str:
    if signature.task == "classification":
        side = "at or above" if told["label"] else "below"
        return (
            f"{_output(signature)}: probability {percent(told['probability'])}, {side} the threshold of "
            f"{_share(told['threshold'])}, so the label is {told['label']}."
        )
    return f"{_output(signature)}: {figure(told['value'])}{_unit(signature)}."


def _probability(told: Mapping[str, Any], signature: Signature) -> list[Html]:
    side = "At or above" if told["label"] else "Below"
    threshold = _share(told["threshold"])
    return [
        _headline(percent(told["probability"]), f"probability of {signature.output}"),
        _gauge(told["probability"], told["threshold"]),
        tag("p", f"{side} the threshold of {threshold}: ", tag("strong", f"label {told['label']}"), class_="lead"),
    ]  # fmt: skip


def _gauge(probability: float, threshold: float) -> Html:
    mark = f"{100 * threshold:.2f}%"
    svg = tag(
        "svg",
        tag("rect", class_="track", x="0", y="6", width="100%", height="10", rx="5"),
        tag("rect", class_="fill", x="0", y="6", width=f"{max(100 * probability, 0.5):.2f}%", height="10", rx="5"),
        tag("line", class_="threshold", x1=mark, x2=mark, y1="0", y2="22"),
        class_="gauge",
        width="100%",
        height="22",
        aria_hidden="true",
    )
    ends = tag("p", tag("span", "0"), tag("span", f"100{THIN}%"), class_="ends")
    return tag("div", svg, ends)


def _value(told: Mapping[str, Any], signature: Signature) -> list[Html | None]:
    unit = tag("span", signature.output_unit, class_="unit") if signature.output_unit else None
    return [_headline((figure(told["value"]), unit), signature.output), _interval(told["interval"], signature)]


def _headline(big: Child, beside: str) -> Html:
    return tag("p", tag("strong", big, class_="big"), tag("span", beside), class_="headline")


def _interval(interval: Mapping[str, float] | None, signature: Signature) -> Html | None:
    if interval is None:
        return None
    ends = f"{figure(interval['low'])} to {figure(interval['high'])}{_unit(signature)}"
    return tag(
        "p", tag("strong", ends), f": here the truth lies for {_share(interval['level'])} of all rows.", class_="lead"
    )


def _warnings(warnings: Sequence[Mapping[str, Any]]) -> Html | None:
    if not warnings:
        return None
    items = [
        tag("li", tag("strong", label(w["field"])), f" was {shown(w['sent'])}; it takes {w['allowed']}")
        for w in warnings
    ]
    said = "Outside what training saw, so do not rely on it:"
    return tag("div", tag("p", said), tag("ul", items), class_="warnings")


def _contributions(told: Mapping[str, Any], signature: Signature) -> list[Html | None]:
    classifies = signature.task == "classification"
    amount = points if classifies else change
    level = percent if classifies else figure
    parts = told["contributions"]
    reach = max((abs(one["contribution"]) + (one["error"] or 0) for one in parts), default=0) or 1
    rows = [_row(one, reach, amount) for one in parts]
    rest = parts[_SHOWN_AT_ONCE:]
    return [
        tag("h3", "What leads there"),
_introduction(told, signature, level),
        _table(rows[:_SHOWN_AT_ONCE], "Largest contributions"),
        _smaller(rows[_SHOWN_AT_ONCE:], amount(sum(one["contribution"] for one in rest))) if rest else None,
        tag("p", tag("span", "Together"), tag("strong", level(told["prediction"]), _of(signature)), class_="total"),
    ]  # fmt: skip


def _introduction(told: Mapping[str, Any], signature: Signature, level: Callable[[float], str]) -> Html:
    unit = "percentage points" if signature.task == "classification" else signature.output_unit
    moves = f" on average. Each field moves this row from there{f', in {unit}' if unit else ''} ± standard error."
    base = tag("strong", level(told["base"]), _of(signature))
    rows = told["background_rows"]
    over = f"Over {rows} real training {'row' if rows == 1 else 'rows'} the model says "
    return tag("p", over, base, moves, class_="intro")


def _smaller(rows: Sequence[Html], together: str) -> Html:
    summary = tag("summary", f"{len(rows)} smaller ones, together {together}")
    return tag("details", summary, _table(rows, "Smaller contributions"))


def _table(rows: Sequence[Html], caption: str) -> Html:
    head = tag("tr", tag("th", "Field", scope="col"), tag("th", "Adds", scope="col"), class_="unseen")
    return tag(
        "table",
        tag("caption", caption, class_="unseen"),
        tag("thead", head),
        tag("tbody", rows),
        class_="contributions",
    )


def _row(one: Mapping[str, Any], reach: float, amount: Any) -> Html:
    added, error = one["contribution"], one["error"]
    size = tag("span", amount(added), class_="added")
    spread = None if error is None else tag("span", f" ± {amount(error).lstrip('+')}", class_="error")
    name = tag("th", label(one["field"]), tag("span", shown(one["value"]), class_="cell"), scope="row")
    return tag("tr", name, tag("td", tag("div", size, spread, class_="figures"), _bar(added, error or 0.0, reach)))


def _bar(added: float, error: float, reach: float) -> Html:
    """From the middle to the right when it raises, to the left when it lowers; a whisker for the error."""
    tip = _MIDDLE + _HALF * added / reach
    spread = _HALF * error / reach
    return tag(
        "svg",
        tag("line", class_="middle", x1=_MIDDLE, x2=_MIDDLE, y1="0", y2="12"),
        tag("rect", class_="raises" if added >= 0 else "lowers", x=f"{min(tip, _MIDDLE):.2f}", y="2", height="8",
            width=f"{abs(tip - _MIDDLE):.2f}"),
        tag("line", class_="whisker", x1=f"{tip - spread:.2f}", x2=f"{tip + spread:.2f}", y1="6", y2="6"),
        class_="bar",
        viewBox="0 0 200 12",
        preserveAspectRatio="none",
        aria_hidden="true",
    )  # fmt: skip


def _output(signature: Signature) -> str:
    return label(signature.output)


def _unit(signature: Signature) -> str:
    return f" {signature.output_unit}" if signature.output_unit else ""


def _of(signature: Signature) -> str:
    return "" if signature.task == "classification" else _unit(signature)


def _share(share: float) -> str:
    return f"{100 * share:g}{THIN}%"
