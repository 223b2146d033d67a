"""What of a request may be kept: sensitive fields are hashed or left out, as the signature says."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from serving.bundle.signature import Signature
from serving.inputs.rows import Row, values

HASH_BYTES = 16
LONGEST_NAME = 200

Kept = Callable[[Sequence[Row]], Any]
"""From checked rows to what the log shows of them."""


def keeper(signature: Signature, salt: bytes) -> Kept:
    """How rows are kept. Where every field is plain the rows themselves are, for they encode fastest."""
    if all(field.log == "plain" for field in signature.inputs):
        return _as_they_are
    shown = [
        (position, field.name, field.log == "hashed")
        for position, field in enumerate(signature.inputs)
        if field.log != "left_out"
    ]

    def keep(rows: Sequence[Row]) -> list[dict[str, Any]]:
        return [_masked(values(row), shown, salt) for row in rows]

    return keep


def hashed(salt: bytes, field: str, value: float | str) -> str:
    """The first 16 bytes of HMAC-SHA256 over the field's name, a zero byte and the value as JSON; in hex.

    The name is part of it, so that equal values of two fields cannot be told to be equal.
    """
    message = field.encode() + b"\0" + msgspec.json.encode(value)
    return hmac.digest(salt, message, "sha256")[:HASH_BYTES].hex()


def plain_fields(signature: Signature) -> frozenset[str]:
    """The fields whose values may be shown as they were sent."""
    return frozenset(field.name for field in signature.inputs if field.log == "plain")


def without_secrets(problem: Mapping[str, Any], plain: frozenset[str]) -> dict[str, Any]:
    """A problem as the log keeps it: what was sent is shown for plain fields of the model only.

    What came under a name the model does not know, or in place of a whole row, may hold anything.
    """
    name = problem.get("field")
    kept = {key: value for key, value in problem.items() if key != "sent" or name in plain}
    return kept | {"field": name[:LONGEST_NAME] if isinstance(name, str) else name}


def _as_they_are(rows: Sequence[Row]) -> Sequence[Row]:
    return rows


def _masked(cells: Sequence[Any], shown: Sequence[tuple[int, str, bool]], salt: bytes) -> dict[str, Any]:
    return {
        name: hashed(salt, name, cells[position]) if secret and cells[position] is not None else cells[position]
        for position, name, secret in shown
    }
