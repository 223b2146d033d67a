import pytest

from slipway.core.strict_json import parse_strictly


def test_a_plain_document_is_read() -> None:
    assert parse_strictly('{"a": [1, -2.5e3, null, true, "é"]}'.encode()) == {"a": [1, -2500.0, None, True, "é"]}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "no JSON"),
        (b"\xff", "not UTF-8"),
        (b'"\\ud800"', "not UTF-8"),
        (b'{"a": 1, "a": 2}', "given twice"),
        (b"NaN", "not finite"),
        (b"-Infinity", "not finite"),
        (b"1e999", "without bounds"),
        (b"1" * 31, "more than 30 digits"),
        (b"0." + b"1" * 40_000, "without bounds"),
        (b"[" * 100_000 + b"]" * 100_000, "without end"),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else "",
)
def test_what_readers_would_differ_about_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_strictly(content)


def test_a_refusal_repeats_nothing_of_the_content() -> None:
    with pytest.raises(ValueError, match="no JSON") as caught:
        parse_strictly(b'{"::add-mask::x": @here}')
    assert "mask" not in str(caught.value)
