"""OpenAPI's Row, the fast decoder and the one that finds words accept the same rows, whatever the signature."""

import json
from collections.abc import Mapping
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import assume, example, given, reject
from hypothesis import strategies as st
from pydantic import ValidationError

from serving.bundle.signature import Field, Signature
from serving.inputs import scoring
from serving.inputs.decoding import Decoder
from serving.inputs.problems import BodyUnreadable, RequestRefused
from serving.inputs.rows import knows_names, row_type
from tests.fuzz.budget import EXAMPLES
from tests.support.bundles import CHURN

ODD_NAMES = [
    "rows",
    "self",
    "",
    "a b",
    'quo"te',
    "ap'os",
    "größe (m²)",
    "_x",
    "class",
    "model_config",
    "$ref",
    "\\",
    "🏠",
    "a/b~c",
]
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
names = st.sampled_from(ODD_NAMES) | text
numbers = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(10**25), 10**25)
    | st.integers(-100, 100)
    | st.sampled_from([3.4028234663852886e38, -3.4028234663852886e38, 3.5e38, 1e308, 5e-324, 2**53 + 1, 10**400])
)
anything = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
)


@st.composite
def fields(draw: st.DrawFn, name: str) -> Field:
    nullable = draw(st.booleans())
    if draw(st.booleans()):
        seen = sorted(
            number + 0.0
            for number in draw(st.lists(st.floats(-1e6, 1e6, width=32) | st.floats(-1e6, 1e6), min_size=2, max_size=2))
        )
        low, high = seen if draw(st.booleans()) else (None, None)
        return Field(name=name, type="number", nullable=nullable, low=low, high=high)
    categories = tuple(draw(st.lists(st.sampled_from(["null", "1", "", "a"]) | text, max_size=4, unique=True)))
    return Field(name=name, type="category", nullable=nullable, categories=categories)


@st.composite
def signatures(draw: st.DrawFn) -> Signature:
    called = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    inputs = tuple(draw(fields(name)) for name in called)
    return Signature(
        use_case="fuzzed", title="", task="regression", inputs=inputs, output="y", examples=({},),
        out_of_range=draw(st.sampled_from(["refuse", "warn"])),
        refused=tuple(draw(st.sets(st.sampled_from([field.name for field in inputs])))),
    )  # fmt: skip


def cells(field: Field) -> st.SearchStrategy[Any]:
    """What a field takes, and what it just does not."""
    if field.type == "category":
        fitting = st.sampled_from(field.categories) if field.categories else text
    elif field.low is None or field.high is None:
        fitting = numbers
    else:
        fitting = st.floats(field.low, field.high) | st.sampled_from([field.low, field.high]) | numbers
    return fitting | st.none() if field.nullable else fitting


@st.composite
def rows(draw: st.DrawFn, signature: Signature) -> Any:
    row = {field.name: draw(cells(field)) for field in signature.inputs}
    for change in draw(st.lists(st.sampled_from(["drop", "add", "replace"]), max_size=2)):
        name = draw(st.sampled_from([field.name for field in signature.inputs]))
        if change == "drop":
            row.pop(name, None)
        else:
            row[name if change == "replace" else draw(names)] = draw(anything)
    return row


@st.composite
def documents(draw: st.DrawFn, signature: Signature) -> Any:
    kind = draw(st.sampled_from(["row", "row", "rows", "anything"]))
    if kind == "row":
        return draw(rows(signature))
    if kind == "anything":
        return draw(anything)
    return {"rows": draw(st.lists(rows(signature), max_size=3))} | draw(st.dictionaries(names, anything, max_size=1))


def documented(decoder: Decoder) -> jsonschema.Draft202012Validator:
    """OpenAPI's schema of a request to /predict."""
    row, many = decoder.row.json_schema(), decoder.rows.json_schema()
    return jsonschema.Draft202012Validator({"anyOf": [row, many], "$defs": many.pop("$defs", {})})


def is_accepted(decoder: Decoder, body: bytes) -> bool:
    try:
        decoder.decode(body)
    except (BodyUnreadable, RequestRefused):
        return False
    return True


@given(st.data())
@EXAMPLES
def test_what_openapi_allows_is_what_is_accepted(data: st.DataObject) -> None:
    signature = data.draw(signatures())
    decoder, document = Decoder(signature), data.draw(documents(signature))
    assert is_accepted(decoder, json.dumps(document).encode()) == documented(decoder).is_valid(document)


@given(st.data())
@EXAMPLES
def test_both_decoders_accept_the_same_rows(data: st.DataObject) -> None:
    signature = data.draw(signatures())
    assume(knows_names(signature))
    row = data.draw(rows(signature))
    decoder, fast = Decoder(signature), msgspec.json.Decoder(row_type(signature))
    assert fits(lambda: fast.decode(json.dumps(row))) == fits(lambda: decoder.row.validate_python(row))


def fits(check: Any) -> bool:
    try:
        check()
    except (msgspec.ValidationError, ValidationError):
        return False
    return True


@given(st.data())
@EXAMPLES
def test_rows_of_other_protocols_are_held_to_the_same(data: st.DataObject) -> None:
    signature = data.draw(signatures())
    decoder, sent = Decoder(signature), data.draw(st.lists(rows(signature), min_size=1, max_size=3))
    assert fits_as_rows(decoder, sent) == all(
        jsonschema.Draft202012Validator(decoder.row.json_schema()).is_valid(row) for row in sent
    )


@given(st.data())
@EXAMPLES
def test_every_refusal_names_what_is_wrong(data: st.DataObject) -> None:
    signature = data.draw(signatures())
    decoder, document = Decoder(signature), data.draw(documents(signature))
    assume(not is_accepted(decoder, json.dumps(document).encode()))
    with pytest.raises(RequestRefused) as refused:
        decoder.decode(json.dumps(document).encode())
    assert refused.value.problems
    for problem in refused.value.problems:
        assert problem.problem
        assert problem.allowed
        problem.model_dump_json()


def spelled(number: float) -> st.SearchStrategy[str]:
    """Ways to write one number."""
    plain = repr(number)
    ways = [
        plain,
        f"{plain}e0" if "e" not in plain else plain,
        f"{number:.20e}" if isinstance(number, float) else f"{plain}.0",
    ]
    return st.sampled_from(ways)


@st.composite
def spellings(draw: st.DrawFn, document: Any) -> str:
    """Ways to write one document."""
    space = draw(st.sampled_from(["", " ", "\n\t", "\r\n"]))
    if isinstance(document, Mapping):
        pairs = draw(st.permutations(list(document.items())))
        inside = ",".join(f"{space}{draw(spellings(k))}{space}:{draw(spellings(v))}{space}" for k, v in pairs)
        return f"{{{inside}{space}}}{space}"
    if isinstance(document, list):
        return f"[{','.join(draw(spellings(item)) for item in document)}]{space}"
    if isinstance(document, str):
        escaped = "".join(
            f"\\u{ord(c):04x}" if ord(c) < 0x10000 and draw(st.booleans()) else json.dumps(c)[1:-1] for c in document
        )
        return f'"{escaped}"'
    if isinstance(document, bool) or document is None:
        return json.dumps(document)
    return draw(spelled(document))


@given(st.data())
@EXAMPLES
def test_how_json_is_written_changes_nothing(data: st.DataObject) -> None:
    signature = data.draw(signatures())
    decoder, document = Decoder(signature), data.draw(documents(signature))
    written = data.draw(spellings(document))
    assume(json.loads(written) == document)
    assert is_accepted(decoder, written.encode()) == is_accepted(decoder, json.dumps(document).encode())


CHURNS = Signature.model_validate_json(CHURN.model_dump_json())
ROW = b'{"tenure": 12, "total charges": null, "contract": "Two year"}'
PIECES = [
    *(
        b"\xef\xbb\xbf",
        b"\x00",
        b"\xff",
        b"\xed\xa0\x80",
        b"\\ud800",
        b"\\u0000",
        b'"',
        b",",
        b"}",
        b"{",
        b"[",
        b"-",
        b"e5",
    ),
    *(
        b".",
        b"0",
        b"1e400",
        b"NaN",
        b"//",
        b'"tenure": 1,',
        b'"tenure": "x",',
        b"9" * 4000,
        b" " * 20,
        b"null",
        b"true",
    ),
]


@given(
    st.lists(
        st.tuples(st.integers(0, len(ROW)), st.integers(0, 3), st.sampled_from(PIECES) | st.binary(max_size=3)),
        max_size=3,
    )
)
@EXAMPLES
@example([(1, 0, b'"tenure": "x",')])
@example([(0, 0, b"\xef\xbb\xbf")])
def test_damaged_json_is_read_as_any_other_reader_would(damages: list[tuple[int, int, bytes]]) -> None:
    body = ROW
    for position, length, piece in damages:
        body = body[:position] + piece + body[position + length :]
    try:
        document = json.loads(body.decode(), parse_constant=lambda _: reject())
        json.dumps(document, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        document = None
    decoder = Decoder(CHURNS)
    assert is_accepted(decoder, body) == (document is not None and documented(decoder).is_valid(document))


@given(st.data())
@EXAMPLES
def test_every_format_of_mlflows_protocol_is_held_to_the_same(data: st.DataObject) -> None:
    signature = data.draw(signatures())
    decoder, called = Decoder(signature), [field.name for field in signature.inputs]
    whole = st.fixed_dictionaries(
        {field.name: cells(field).filter(lambda cell: cell != "") for field in signature.inputs}
    )
    sent = data.draw(st.lists(whole, min_size=1, max_size=3))
    columns = {name: [row[name] for row in sent] for name in called}
    bodies = [
        {"dataframe_records": sent},
        {"dataframe_split": {"columns": called, "data": [[row[name] for name in called] for row in sent]}},
        {"instances": sent},
        {"inputs": columns},
    ]
    document = jsonschema.Draft202012Validator(decoder.row.json_schema())
    expected = all(document.is_valid(row) for row in sent)
    for body in bodies:
        rows_read = scoring.of_json(json.dumps(body).encode(), signature.inputs)
        assert fits_as_rows(decoder, rows_read) == expected


def fits_as_rows(decoder: Decoder, sent: list[Any]) -> bool:
    try:
        decoder.check(sent)
    except RequestRefused:
        return False
    return True
