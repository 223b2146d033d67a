import io
import struct
import zipfile

import pytest

from slipway.core.errors import ReportRefused
from slipway.workspace.archive import read_member

MEMBERS = ("report.json", "report.md")


def archive(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in members:
            file.writestr(name, content)
    return buffer.getvalue()


GOOD = archive(("report.json", b"{}"), ("report.md", b"# words"))


def link(name: str, mode: int = 0o120777) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    return entry


def read(content: bytes) -> bytes:
    return read_member(content, "report.json", among=MEMBERS, at_most=1000)


def test_a_member_is_read() -> None:
    assert read(GOOD) == b"{}"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x05\x06" + b"\0" * 18,
        GOOD[:-30],
        b"no archive at all",
        archive(("report.json", b"{}")),
        archive(("report.json", b"{}"), ("report.md", b""), ("evil.sh", b"")),
        archive(("../report.json", b"{}"), ("report.md", b"")),
        archive(("/report.json", b"{}"), ("report.md", b"")),
        archive(("sub/report.json", b"{}"), ("report.md", b"")),
        archive(("report.json", b"{}"), ("report.md/", b"")),
        archive((link("report.json"), b"/etc/passwd"), ("report.md", b"")),
        archive((link("report.json", 0o010644), b""), ("report.md", b"")),
        archive(("report.json", b"{}"), ("report.md", b""), method=zipfile.ZIP_LZMA),
    ],
    ids=[
        "empty",
        "no members",
        "cut",
        "no zip",
        "one missing",
        "one more",
        "path up",
        "path from the root",
        "path down",
        "folder",
        "link",
        "pipe",
        "other compression",
    ],
)
def test_anything_but_the_two_files_is_refused(content: bytes) -> None:
    with pytest.raises(ReportRefused):
        read(content)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused() -> None:
    with pytest.raises(ReportRefused, match="does not hold exactly"):
        read(archive(("report.json", b"{}"), ("report.md", b""), ("report.json", b"[]")))


def test_an_encrypted_member_is_refused() -> None:
    flagged = bytearray(GOOD)
    struct.pack_into("<H", flagged, GOOD.index(b"PK\x01\x02") + 8, 1)
    with pytest.raises(ReportRefused, match="plain files"):
        read(bytes(flagged))


def test_a_bomb_is_not_unpacked() -> None:
    bomb = archive(("report.json", b" " * 50_000_000), ("report.md", b""))
    assert len(bomb) < 100_000
    with pytest.raises(ReportRefused, match="more than the 1,000 bytes"):
        read(bomb)


def test_a_bomb_that_tells_a_smaller_size_is_not_unpacked_either() -> None:
    bomb = archive(("report.json", b" " * 5_000_000), ("report.md", b""))
    lying = bomb.replace(struct.pack("<I", 5_000_000), struct.pack("<I", 10))
    with pytest.raises(ReportRefused):
        read(lying)
