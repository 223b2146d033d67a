"""The lines of a log's file, which is made of gzip members and may end in the middle of one."""

import zlib
from collections.abc import Iterable, Iterator

_GZIP = 31  # zlib's word for a gzip header and a window of any size
_AT_ONCE = 2 * 2**20
_LONGEST = 64 * 2**20


class Lines:
    """Reads one file, in little memory whatever it holds.

    Attributes:
        torn: whether it ended in the middle, or went on with what is no gzip; all before that was read.
    """

    def __init__(self) -> None:
        self.torn = False

    def read(self, pieces: Iterable[bytes]) -> Iterator[list[bytes]]:
        """Whole lines, without their ends, some at a time.

        Args:
            pieces: the file's bytes, cut anywhere.
        """
        rest = b""
        for text in self._inflated(pieces):
            *whole, rest = (rest + text).split(b"\n")
            yield whole
            if len(rest) > _LONGEST:
                self.torn = True
                return
        self.torn |= bool(rest)

    def _inflated(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        member, begun = zlib.decompressobj(_GZIP), False
        for piece in pieces:
            left, full = piece, False
            while left or full:
                begun = True
                try:
                    text = member.decompress(left, _AT_ONCE)
                except zlib.error:
                    self.torn = True
                    return
                left, full = member.unconsumed_tail, len(text) == _AT_ONCE
                if member.eof:
                    left, full = member.unused_data, False
                    member, begun = zlib.decompressobj(_GZIP), False
                yield text
        self.torn |= begun
