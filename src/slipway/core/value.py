"""The base of everything we write to a file or read from one: frozen, strict, closed."""

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable object that refuses unknown keys and silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def canonical_json(document: Any) -> str:
    """The one spelling of a JSON document that digests are taken of: sorted keys, no spaces."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256(content: bytes | str) -> str:
    """Hex SHA-256 of bytes, or of text in UTF-8."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def digest_of(value: Value) -> str:
    """Hex SHA-256 of a value's canonical JSON: equal values have equal digests."""
    return sha256(canonical_json(value.model_dump(mode="json")))
