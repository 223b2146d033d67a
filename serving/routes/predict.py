"""POST /predict: one row, or many."""

import msgspec
from starlette.exceptions import HTTPException

from serving.exchange import Exchange
from serving.routes.answering import Answering

_encode = msgspec.json.Encoder().encode


async def predict(body: bytes, content_type: str, exchange: Exchange, answering: Answering) -> bytes:
    """The JSON that answers a request.

    Raises:
        HTTPException: 415, the content type is not application/json.
        BodyUnreadable: the body is no JSON.
        RequestRefused: it does not fit the model's inputs.
        TooManyRows: it holds more rows than are answered at once.
        TimeoutError: it took too long.
        PredictionFailed: the model gave something that is not a finite number.
    """
    require_json(content_type)
    request = answering.service.decoder.decode(body)
    said = await answering.predict(request, exchange)
    return _encode(answering.service.answer(said, request.many, exchange.request_id))


def predict_now(body: bytes, content_type: str, exchange: Exchange, answering: Answering) -> bytes:
    """The same, without letting anything else run meanwhile: for few rows."""
    require_json(content_type)
    request = answering.service.decoder.decode(body)
    said = answering.predict_now(request, exchange)
    return _encode(answering.service.answer(said, request.many, exchange.request_id))


def require_json(content_type: str) -> None:
    """Raise 415 for any other content type than JSON in UTF-8."""
    if content_type == "application/json":
        return
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if kind != "application/json":
        raise HTTPException(415, f"send the content type application/json, not {content_type or 'none'}")
    charset = next((p for p in parameters if p.startswith("charset=")), "charset=utf-8")
    if charset.replace('"', "") not in ("charset=utf-8", "charset=utf8", "charset=us-ascii"):
        raise HTTPException(415, f"send JSON in UTF-8, not in {charset.removeprefix('charset=')}")
