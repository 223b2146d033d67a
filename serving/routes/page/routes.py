"""GET and POST of the page, and the two files it needs."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from serving import exchange
from serving.inputs import decoding
from serving.inputs.problems import RequestRefused
from serving.routes.answering import Answering
from serving.routes.explain import Explaining, only
from serving.routes.page.answer import answered, refused, waiting
from serving.routes.page.card import card
from serving.routes.page.form import entries_of, form, read
from serving.routes.page.layout import answer, document
from serving.routes.page.markup import Html, tag

_HERE = Path(__file__).parent
_FILES = {"style.css": "text/css; charset=utf-8", "script.js": "text/javascript; charset=utf-8"}


class Page:
    """The page for one model. The same answer is shown whether a script asked for it or a form without any."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._signature = answering.service.bundle.signature
        self._explaining = Explaining(answering)
        self._card = card(answering.service)

    def empty(self, example: int) -> Response:
        """The form filled with an example."""
        entries = entries_of(self._signature.examples[example], self._signature)
        return self._page(form(self._signature, entries, (), example), waiting())

    async def asked(self, request: Request) -> Response:
        """The form as it was sent, and the answer to it, or what is wrong at its fields.

        Raises:
            HTTPException: 403, another site's page sent it, with a key that the browser keeps for ours.
        """
        signature, current = self._signature, exchange.of(request.scope)
        current.route = "explain"
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise HTTPException(403, "this form is for the endpoint's own page; programs ask /explain")
        row, entries = read(await request.body(), signature)
        try:
            decoded = self._answering.service.decoder.decode(to_json(row))
            beside = self._beside(decoded)
            told = await self._explaining.answer(decoded, current)
        except RequestRefused as error:
            self._answering.refused(error, current)
            said = refused(error.problems, error.not_shown, signature)
            return self._page(form(signature, entries, error.problems, -1), said, status=422)
        return self._page(form(signature, entries, (), -1), answered(told, signature), beside)

    def _beside(self, decoded: decoding.Request) -> list[Html]:
        """What the bundle holds to be told beside the prediction.

        Raises:
            RequestRefused: the row lies outside of the map.
        """
        service, signature, row, told = self._answering.service, self._signature, only(decoded), []
        if service.comparables is not None:
            from serving.routes.page.place import place

            told.append(place(row, service.comparables, signature))
        if service.outlooks is not None and (outlook := service.outlooks.of(row)) is not None:
            from serving.routes.page.path import path

            told.append(path(outlook, signature))
        return told

    def _page(self, form: Html, said: Html, beside: Sequence[Html] = (), status: int = 200) -> Response:
        service = self._answering.service
        asking = tag("section", tag("h2", "Question"), form, class_="question", aria_label="Question")
        has = service.comparables is not None or service.outlooks is not None
        asked = tag("div", asking, said, tag("div", beside, id="beside") if has else None, class_="desk")
        page = document(self._signature.title, self._signature.use_case, service.version, "./", asked, self._card)
        return answer(page, status)


def add_page(app: FastAPI, answering: Answering) -> None:
    """Add / and the files under /page."""
    page = Page(answering)
    examples = len(answering.service.bundle.signature.examples)

    @app.get("/", include_in_schema=False)
    async def empty(request: Request) -> Response:
        return page.empty(_example(request.query_params.get("example", ""), examples))

    @app.post("/", include_in_schema=False)
    async def asked(request: Request) -> Response:
        return await page.asked(request)

    for name, media_type in _FILES.items():
        _add_file(app, name, media_type)


def _add_file(app: FastAPI, name: str, media_type: str) -> None:
    content = (_HERE / name).read_bytes()
    tag_of = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {"cache-control": "no-cache", "etag": tag_of}

    @app.get(f"/page/{name}", include_in_schema=False)
    async def file(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag_of:
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers | {"content-type": media_type})


def _example(number: Any, many: int) -> int:
    """The position of an example that was asked for by its number; the first for anything else."""
    chosen = number.isascii() and number.isdigit() and len(number) < 6 and 1 <= int(number) <= many
    return int(number) - 1 if chosen else 0
