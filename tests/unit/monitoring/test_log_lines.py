"""Files of a log are read as far as they go, in little memory."""

import gzip
import zlib

import pytest

from slipway.monitoring.log.lines import Lines

WHOLE = gzip.compress(b"one\ntwo\n") + gzip.compress(b"three\n")


def read(content: bytes, piece: int = 7) -> tuple[list[bytes], bool]:
    lines = Lines()
    pieces = [content[start : start + piece] for start in range(0, len(content), piece)]
    return [line for some in lines.read(pieces) for line in some], lines.torn


@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_all_members_are_read_wherever_pieces_are_cut(piece: int) -> None:
    assert read(WHOLE, piece) == ([b"one", b"two", b"three"], False)


def test_a_line_may_go_on_in_the_next_member() -> None:
    assert read(gzip.compress(b"one\ntw") + gzip.compress(b"o\n")) == ([b"one", b"two"], False)


def test_an_empty_file_is_whole() -> None:
    assert read(b"") == ([], False)


def test_a_torn_file_gives_what_came_before() -> None:
    lines, torn = read(WHOLE[:-12])
    assert lines[:2] == [b"one", b"two"]
    assert torn


def test_a_last_line_without_its_end_is_torn() -> None:
    assert read(gzip.compress(b"one\ntw")) == ([b"one"], True)


def test_what_is_no_gzip_is_torn() -> None:
    assert read(b"{}\n{}\n") == ([], True)
    assert read(gzip.compress(b"one\n") + b"rubbish") == ([b"one"], True)


def test_a_file_that_unpacks_to_very_much_is_never_held_whole() -> None:
    content = gzip.compress((b"x" * 99 + b"\n") * 200_000)
    assert len(content) < 200_000
    sizes = [sum(map(len, some)) for some in Lines().read([content])]
    assert sum(sizes) == 99 * 200_000
    assert max(sizes) < 3 * 2**20


def test_a_line_without_end_is_given_up() -> None:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    content = b"".join(packer.compress(b"x" * 2**20) for _ in range(80)) + packer.flush()
    assert read(content, 2**20) == ([], True)
