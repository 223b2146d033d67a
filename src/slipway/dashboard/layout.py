"""What every page has: its head, its style, where it belongs and when it was made."""

from datetime import datetime
from importlib.resources import files

from slipway.dashboard.markup import Child, Html, tag

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E"
    "%3Crect width='8' height='8' rx='2' fill='%230b6157'/%3E%3C/svg%3E"
)


def page(title: str, top: Child, body: Child, now: datetime) -> str:
    """A whole document, which asks nothing of anybody else."""
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        Html(f'<link rel="icon" href="{_ICON}">'),
        tag("title", title),
        tag("style", Html(style)),
    )
    foot = tag("footer", f"Made {now:%Y-%m-%d %H:%M} UTC by slipway dashboard, from the registry and its looks.")
    whole = tag("html", head, tag("body", tag("header", top), tag("main", body), foot), lang="en")
    return f"<!doctype html>\n{whole}\n"


def badge(tone: str, word: str) -> Html:
    """A word in the colour of its tone, with a mark for those who see no colours."""
    mark = {"good": "✓", "mind": "!", "bad": "▲", "none": "–"}[tone]
    return tag("span", tag("span", f"{mark} ", aria_hidden="true"), word, class_=f"badge {tone}")
