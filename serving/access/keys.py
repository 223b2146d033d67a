"""API keys: random words of 256 bits, of which only the SHA-256 is kept.

    python -m serving.access.keys NAME [--add-to FILE]

prints a new key, and the line that lets it in or, with a FILE, adds the line there. A file holds any number of lines
``name:sha256``; two keys of one team live side by side until the old one's line is removed. A plain hash is enough for
keys of this length: there is nothing to guess, so nothing to slow down.
"""

import argparse
import hashlib
import hmac
import logging
import re
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

PREFIX = "slipway_"
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LINE = re.compile(rf"(?P<name>{_NAME.pattern}):(?P<digest>[0-9a-f]{{64}})")
_LONGEST_KEY = 512
_log = logging.getLogger("serving.access")


class KeysUnusable(Exception):
    """The file of keys cannot be read, or holds none."""


class Keys:
    """The keys let in by a file, read again when the file has changed.

    A file that cannot be used any more lets in whom it let in before: a slip while keys are rotated must not lock
    everybody out. It is told in the log once.

    Raises:
        KeysUnusable: at the start there is no usable file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._state = _state(path)
        self._digests = read(path)

    def reread(self) -> None:
        """Take the file's present keys; to be called every second or so."""
        state = _state(self._path)
        if state == self._state:
            return
        self._state = state
        try:
            self._digests = read(self._path)
        except KeysUnusable as error:
            _log.warning("the keys of before stay in force: %s", error)
        else:
            _log.info("keys read again: %s", ", ".join(name for name, _ in self._digests))

    def holder(self, key: bytes) -> str | None:
        """The name of a key, or None for one that is not let in. Every known key is compared, each in constant time."""
        found = None
        if len(key) <= _LONGEST_KEY:
            sent = hashlib.sha256(key).digest()
            for name, digest in self._digests:
                if hmac.compare_digest(sent, digest):
                    found = name
        return found


def read(path: Path) -> list[tuple[str, bytes]]:
    """Names and digests of a keys file; blank lines and those beginning with # are skipped.

    Raises:
        KeysUnusable: the file cannot be read, has a line of another shape, or has none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KeysUnusable(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'no UTF-8 text'}") from error
    numbered = [(number, line.strip()) for number, line in enumerate(lines, 1)]
    keys = [_parsed(path, number, line) for number, line in numbered if line and not line.startswith("#")]
    if not keys:
        raise KeysUnusable(f"{path} holds no key; make one with `python -m serving.access.keys NAME`")
    return keys


def new(name: str, random: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> tuple[str, str]:
    """A new key, and the line that lets it in."""
    key = PREFIX + random()
    return key, f"{name}:{hashlib.sha256(key.encode()).hexdigest()}"


def _parsed(path: Path, number: int, line: str) -> tuple[str, bytes]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise KeysUnusable(f"{path}, line {number}, is not name:sha256 with 64 hex digits")
    return found["name"], bytes.fromhex(found["digest"])


def _state(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file does, also when a mounted secret is swapped by its symbolic link."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a new key, and add its line to a file or print it too; exit code 2 for what cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m serving.access.keys", description="Make an API key.")
    parser.add_argument("name", type=_name, help="whose key it is: letters, digits, dot, underscore, hyphen")
    parser.add_argument("--add-to", type=Path, metavar="FILE", help="add the line that lets the key in to this file")
    given = parser.parse_args(arguments)
    key, line = new(given.name)
    if given.add_to is None:
        sys.stdout.write(f"key, to be sent as `authorization: Bearer KEY`, shown only now:\n{key}\n")
        sys.stdout.write(f"line for the keys file:\n{line}\n")
        return 0
    try:
        with given.add_to.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
    except OSError as error:
        parser.error(f"{given.add_to} cannot be written: {error.strerror}")
    sys.stdout.write(f"{key}\n")
    return 0


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError("letters, digits, dot, underscore and hyphen, 64 at most")
    return text


if __name__ == "__main__":
    sys.exit(main())
