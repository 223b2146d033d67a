"""The first page: a card a use case, the ones that want attention first."""

from collections.abc import Sequence
from datetime import datetime

from slipway.dashboard.chart import chart
from slipway.dashboard.history import curves
from slipway.dashboard.layout import badge, page
from slipway.dashboard.markup import Child, Html, tag
from slipway.dashboard.portrait import Portrait, age
from slipway.dashboard.standing import stand
from slipway.report.figures import interval, label

_ORDER = {"bad": 0, "mind": 1, "none": 2, "good": 3}
_VERDICTS = {"promote": "promoted", "reject": "rejected", "hold": "held"}


def index(portraits: Sequence[Portrait], now: datetime) -> str:
    """Text of ``index.html``; links lead to ``<name>.html`` beside it."""
    ordered = sorted(portraits, key=lambda one: (_ORDER[stand(one, now).tone], one.name))
    cards = [_card(portrait, now) for portrait in ordered]
    top = [tag("h1", "Models"), tag("p", _sum(ordered, now), class_="soft")]
    body = tag("div", cards, class_="cards") if cards else tag("p", "There is no use case yet.")
    return page("Models", top, body, now)


def _sum(portraits: Sequence[Portrait], now: datetime) -> str:
    tones = [stand(portrait, now).tone for portrait in portraits]
    return f"{len(tones)} in all: {tones.count('bad')} with alarms, {tones.count('good')} quiet."


def _card(portrait: Portrait, now: datetime) -> Html:
    found = stand(portrait, now)
    head = tag("h2", tag("a", portrait.name, href=f"{portrait.name}.html"))
    facts = [tag("div", tag("dt", name), tag("dd", value)) for name, value in facts_of(portrait, now)]
    return tag(
        "article",
        tag("div", head, badge(found.tone, found.word), class_="line"),
        tag("p", portrait.title, class_="soft"),
        tag("p", found.told),
        tag("dl", facts),
        _figure(portrait),
        class_=f"card {found.tone}",
    )


def _figure(portrait: Portrait) -> Html | None:
    primary = portrait.primary
    return None if primary is None else chart(label(primary.name), curves(portrait, primary.name))


def facts_of(portrait: Portrait, now: datetime) -> list[tuple[str, Child]]:
    """Name and value of what a reader wants to know first."""
    champion, last, data = portrait.champion, portrait.last, portrait.data_since
    facts: list[tuple[str, Child]] = [("Champion", "none")]
    if champion is not None:
        verdict = _VERDICTS[champion.decision.value]
        facts = [
            ("Champion", f"version {champion.number}, {verdict}"),
            ("Model's age", f"registered {age(champion.registered_at, now)}"),
        ]
    if portrait.primary is not None:
        facts.append((label(portrait.primary.name), interval(portrait.primary)))
    if data is not None:
        facts.append(("Data", f"{data[0][:8]}, first used {age(data[1], now)}"))
    facts.append(("Last look", "never" if last is None else age(last.made_at, now)))
    if last is not None:
        facts.append(("Alarms", str(len(last.alarms))))
        facts.append(("Retrain", last.retrain.answer.value))
    return facts
