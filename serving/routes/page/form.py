"""The form: one control a field, and the way back from what a browser sends to a row."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
from pydantic_core import from_json

from serving.answers import Problem
from serving.bundle.signature import Field, Signature
from serving.inputs import dates
from serving.inputs.problems import BodyUnreadable
from serving.routes.page.figures import label
from serving.routes.page.markup import Html, tag

_UNKNOWN = "-unknown"
_NUMBER_LENGTH = 64


@dataclass(frozen=True)
class Entry:
    """What stands in a field's control.

    Attributes:
        text: of a number or a free category; of a choice its position, "" for not known.
    """

    text: str
    unknown: bool = False


def entries_of(row: Mapping[str, Any], signature: Signature) -> list[Entry]:
    """The entries that show a row."""
    return [_entry(field, row.get(field.name)) for field in signature.inputs]


def read(body: bytes, signature: Signature) -> tuple[dict[str, Any], list[Entry]]:
    """The row that a submitted form stands for, unchecked, and the entries it had.

    Raises:
        BodyUnreadable: it is no form in UTF-8, or holds far more than the form does.
    """
    try:
        text = body.decode()
        most = 2 * len(signature.inputs) + 8
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=most)
    except ValueError as error:
        raise BodyUnreadable(f"nor is it the form of this page ({error})") from error
    sent = dict(pairs)
    entries = [
        Entry(sent.get(_name(position), ""), f"{_name(position)}{_UNKNOWN}" in sent)
        for position in range(len(signature.inputs))
    ]
    row: dict[str, Any] = {}
    for field, entry in zip(signature.inputs, entries, strict=True):
        row |= _cell(field, entry)
    return row, entries


def form(signature: Signature, entries: Sequence[Entry], problems: Sequence[Problem], example: int) -> Html:
    """The whole form, each problem at its field."""
    about = {problem.field: problem for problem in problems}
    names = [field.name for field in signature.inputs]
    first = next((name for name in names if name in about), None)
    controls = [
        _control(position, field, entry, about.get(field.name), field.name == first)
        for position, (field, entry) in enumerate(zip(signature.inputs, entries, strict=True))
    ]
    return tag(
        "form",
        _examples(len(signature.examples), example),
        tag("div", controls, class_="fields"),
        tag("div", tag("button", "Predict", type="submit"), class_="submit"),
        method="post",
        action="./#answer",
        novalidate=True,
        data_ask=True,
    )


def control_id(position: int) -> str:
    """The id of a field's control."""
    return _name(position)


def _entry(field: Field, value: Any) -> Entry:
    if value is None:
        return Entry("", unknown=True)
    if field.categories:
        return Entry(str(field.categories.index(value)) if value in field.categories else "")
    return Entry(value if isinstance(value, str) else _plain(value))


def _cell(field: Field, entry: Entry) -> dict[str, Any]:
    """The field's part of the row; nothing where it was left empty and that says nothing."""
    if entry.unknown or (field.categories and field.nullable and not entry.text):
        return {field.name: None}
    if field.categories:
        return {field.name: _category(field, entry.text)} if entry.text else {}
    if not entry.text.strip():
        return {}
    return {field.name: _number(entry.text) if field.type == "number" else entry.text}


def _category(field: Field, text: str) -> str:
    chosen = text.isascii() and text.isdigit() and len(text) < 6 and int(text) < len(field.categories)
    return field.categories[int(text)] if chosen else text


def _number(text: str) -> Any:
    """A number where the text is one as JSON writes it; otherwise the text, for the refusal to show."""
    written = text.strip()
    try:
        number: Any = from_json(written) if len(written) <= _NUMBER_LENGTH else None
    except ValueError:
        return text
    return number if type(number) in (int, float) and math.isfinite(number) else text


def _examples(many: int, chosen: int) -> Html | None:
    if many < 2:
        return None
    links = [
        tag("a", str(n + 1), href=f"./?example={n + 1}", aria_current="true" if n == chosen else None,
            aria_label=f"Example {n + 1}")
        for n in range(many)
    ]  # fmt: skip
    return tag("p", tag("span", "Real rows to try", id="examples"), links, class_="examples")


def _control(position: int, field: Field, entry: Entry, problem: Problem | None, first: bool) -> Html:
    name = _name(position)
    shared: dict[str, Any] = {
        "id": name,
        "name": name,
        "aria_describedby": " ".join([f"{name}-hint"] * bool(_hint(field)) + [f"{name}-problem"]),
        "aria_invalid": "true" if problem else None,
        "autofocus": bool(problem) and first,
        "required": not field.nullable,
    }
    return tag(
        "div",
        tag("label", label(field.name), _unit(field), for_=name),
        _choice(field, entry, shared) if field.categories else _input(field, entry, shared),
        _unknown(name, field, entry),
        tag("p", _hint(field), class_="hint", id=f"{name}-hint") if _hint(field) else None,
        tag("p", _words(problem) if problem else None, class_="problem", id=f"{name}-problem", hidden=not problem),
        class_="field",
    )


def _unit(field: Field) -> Html | None:
    return tag("span", field.unit, class_="unit") if field.unit else None


def _choice(field: Field, entry: Entry, shared: dict[str, Any]) -> Html:
    choices = [
        tag("option", category or "(empty)", value=index, selected=entry.text == str(index))
        for index, category in enumerate(field.categories)
    ]
    unknown = tag("option", "not known", value="", selected=not entry.text) if field.nullable else None
    return tag("select", choices, unknown, **shared)


def _input(field: Field, entry: Entry, shared: dict[str, Any]) -> Html:
    if field.type == "category":
        return tag("input", type="text", value=entry.text, autocomplete="off", **shared)
    if field.type == "date":
        return tag("input", type="date", value=entry.text, autocomplete="off", **shared)
    return tag(
        "input",
        type="number",
        inputmode="decimal",
        value=entry.text,
        min=None if field.low is None else _plain(field.low),
        max=None if field.high is None else _plain(field.high),
        step="any",
        autocomplete="off",
        **shared,
    )


def _unknown(name: str, field: Field, entry: Entry) -> Html | None:
    if not field.nullable or field.categories:
        return None
    box = tag("input", type="checkbox", name=f"{name}{_UNKNOWN}", checked=entry.unknown, data_unknown_of=name)
    return tag("label", box, tag("span", "not known"), class_="unknown")


def _hint(field: Field) -> str:
    sentence = label(field.description.rstrip(".")) if field.description else ""
    if field.low is None or field.high is None:
        return sentence
    spelled = dates.text if field.type == "date" else _plain
    seen = f"training saw {spelled(field.low)} to {spelled(field.high)}"
    return f"{sentence} ({seen})" if sentence else label(seen)


def _words(problem: Problem) -> str:
    return f"{label(problem.problem)}. It takes {problem.allowed}."


def _plain(number: float) -> str:
    """The shortest figure that is this number to a model of 32 bits, as an input field takes it."""
    return np.format_float_positional(np.float32(number), trim="-")


def _name(position: int) -> str:
    return f"field-{position}"
