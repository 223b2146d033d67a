"""Zip archives from a stranger."""

import io
import stat
import zipfile
import zlib
from collections.abc import Collection

from slipway.core.errors import ReportRefused

_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError)


def read_member(content: bytes, name: str, *, among: Collection[str], at_most: int) -> bytes:
    """One file of an archive that holds exactly the files ``among``, in no folder.

    Nothing is written to the disk, and reading ends after ``at_most`` bytes, whatever the archive says of itself.

    Raises:
        ReportRefused: the archive is damaged, holds something else, or more.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if sorted(entry.filename for entry in entries) != sorted(among):
                raise _refused(f"does not hold exactly {' and '.join(among)}")
            if not all(_is_plain(entry) for entry in entries):
                raise _refused("holds something else than plain files")
            with archive.open(name) as file:
                found = file.read(at_most + 1)
    except _BROKEN as error:
        raise _refused(f"cannot be read ({type(error).__name__})") from None
    if len(found) > at_most:
        raise _refused(f"holds more than the {at_most:,} bytes of {name} that are read")
    return found


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    """No link, no folder, no encryption, and a compression that any archive has."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return kind in {0, stat.S_IFREG} and not entry.flag_bits & 1 and entry.compress_type in _METHODS


def _refused(why: str) -> ReportRefused:
    return ReportRefused(
        f"the archive {why}",
        cause="the pull request changed what its workflow uploads, or the download was cut short",
        next_step="look at the artifact of the run before trusting the pull request",
    )
