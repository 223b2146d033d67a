"""GET /docs: the API for people, written from OpenAPI, so that it needs no script, no CDN and no network."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response

from serving.bundle.signature import Signature
from serving.inputs.schema import allowed
from serving.routes.answering import Answering
from serving.routes.page.layout import answer, document
from serving.routes.page.markup import Child, Html, tag

_METHODS = ("get", "post", "put", "delete")
_TAKES_ONE_ROW = ("/predict", "/explain", "/comparables", "/outlook")
_DEEPEST = 3


def add_docs(app: FastAPI, answering: Answering) -> None:
    """Add /docs."""
    service = answering.service
    signature = service.bundle.signature

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        openapi, base = app.openapi(), str(request.base_url).rstrip("/")
        routes = [
            _route(path, method, operation, openapi, _curl(path, method, signature, base))
            for path, method, operation in _operations(openapi)
        ]
        main = (_introduction(), _fields(signature), routes)
        return answer(document(signature.title, signature.use_case, service.version, "docs", *main))


def _operations(openapi: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in openapi["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield path, method, methods[method]


def _introduction() -> Html:
    told = tag("p", "Everything here is made from the model's signature; programs read the same in ",
               tag("a", "openapi.json", href="openapi.json"), ". Where the endpoint asks for a key, send it as ",
               tag("code", "authorization: Bearer KEY"), ".")  # fmt: skip
    return tag("section", tag("h2", "API"), told, class_="route", aria_label="API")


def _fields(signature: Signature) -> Html:
    rows = [(tag("code", field.name), allowed(field), field.description) for field in signature.inputs]
    table = _table("The fields of a row", ("Field", "Takes", "Meaning"), rows)
    return tag("section", tag("h2", "Row"), table, class_="route", aria_label="Row")


def _route(path: str, method: str, operation: Mapping[str, Any], openapi: Mapping[str, Any], curl: str | None) -> Html:
    heading = tag("h3", tag("span", method.upper(), class_="verb"), path)
    described = str(operation.get("description") or operation.get("summary") or "")
    return tag(
        "section",
        heading,
        tag("p", described),
        tag("pre", tag("code", curl)) if curl else None,
        _answers(operation, openapi),
        class_="route",
        aria_label=f"{method.upper()} {path}",
    )


def _curl(path: str, method: str, signature: Signature, base: str) -> str | None:
    """A command to try a route with; None where that takes more than the row of an example."""
    url = shlex.quote(f"{base}{path}")
    if method == "get":
        return None if "{" in path else f"curl {url}"
    if path not in _TAKES_ONE_ROW:
        return None
    row = json.dumps(signature.examples[0], ensure_ascii=False)
    return f"curl {url} -H 'content-type: application/json' -d {shlex.quote(row)}"


def _answers(operation: Mapping[str, Any], openapi: Mapping[str, Any]) -> list[Child]:
    responses: Mapping[str, Any] = operation.get("responses", {})
    good = [_schema(told) for status, told in responses.items() if status.startswith("2")]
    rows = [row for schema in good if schema for row in _properties(schema, openapi, "", _DEEPEST)]
    refusals = [
        (status, str(told.get("description", ""))) for status, told in responses.items() if not status.startswith("2")
    ]
    return [
        _folded("What it answers", _table("What it answers", ("Name", "Type", "Meaning"), rows)),
        _folded("What it refuses", _table("What it refuses", ("Status", "When"), refusals)),
    ]


def _schema(response: Mapping[str, Any]) -> Mapping[str, Any] | None:
    schema: Mapping[str, Any] | None = response.get("content", {}).get("application/json", {}).get("schema")
    return schema


def _properties(
    schema: Mapping[str, Any], openapi: Mapping[str, Any], prefix: str, deep: int
) -> Iterator[tuple[Child, ...]]:
    """Name, type and meaning of everything an answer holds, down to a depth that people still read."""
    if not deep:
        return
    for variant in _variants(schema, openapi):
        for name, told in variant.get("properties", {}).items():
            full = f"{prefix}{name}"
            yield tag("code", full), _type(told, openapi), str(told.get("description", ""))
            yield from _properties(told, openapi, f"{full}.", deep - 1)


def _variants(schema: Mapping[str, Any], openapi: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The objects that a schema stands for: itself, what it refers to, the items of a list; the first of several."""
    if "$ref" in schema:
        return _variants(openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]], openapi)
    if "anyOf" in schema:
        return _variants(schema["anyOf"][0], openapi)
    if "items" in schema:
        return _variants(schema["items"], openapi)
    return [schema]


def _type(schema: Mapping[str, Any], openapi: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(one, openapi) for one in schema["anyOf"]))
    if "$ref" in schema:
        return "object"
    if "enum" in schema:
        return " or ".join(json.dumps(one, ensure_ascii=False) for one in schema["enum"])
    if "items" in schema:
        return f"list of {_type(schema['items'], openapi)}"
    return str(schema.get("type", "anything"))


def _folded(title: str, table: Html | None) -> Html | None:
    return tag("details", tag("summary", title), table) if table else None


def _table(caption: str, head: tuple[str, ...], rows: Sequence[Sequence[Child]]) -> Html | None:
    if not rows:
        return None
    lines = [tag("tr", tag("th", row[0], scope="row"), [tag("td", cell) for cell in row[1:]]) for row in rows]
    top = tag("thead", tag("tr", [tag("th", text, scope="col") for text in head]))
    table = tag("table", tag("caption", caption, class_="unseen"), top, tag("tbody", lines))
    return tag("div", table, class_="scrolls", tabindex="0", role="region", aria_label=caption)
