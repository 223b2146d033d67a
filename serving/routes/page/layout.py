"""The frame around everything that people read, and the headers it travels with."""

from fastapi import Response

from serving.routes.page.markup import Child, Html, joined, tag

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LINKS = (("./", "Predict"), ("docs", "API"), ("model-info", "Record"))


def document(title: str, use_case: str, version: str, here: str, *main: Child) -> Html:
    """A whole page; ``here`` is the address among ``LINKS`` that it has."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("link", rel="icon", href="data:,"),
        tag("link", rel="stylesheet", href="page/style.css"),
        tag("script", src="page/script.js", defer=True),
    )
    body = tag("body", _header(title, use_case, version, here), tag("main", *main, id="main"))
    return Html(f"<!doctype html>{tag('html', head, body, lang='en')}")


def answer(page: Html, status: int = 200) -> Response:
    """The page as an answer that may run nothing but our own script."""
    headers = {"content-security-policy": POLICY, "cache-control": "no-store"}
    return Response(page, status, headers, media_type="text/html; charset=utf-8")


def _header(title: str, use_case: str, version: str, here: str) -> Html:
    links = [tag("a", name, href=to, aria_current="page" if to == here else None) for to, name in LINKS]
    named = tag("p", use_case, tag("span", f"version {version}", class_="version"), class_="eyebrow")
    return tag("header", named, tag("h1", title), tag("nav", joined(links), aria_label="Pages"), class_="top")
