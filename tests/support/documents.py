"""The Markdown of this project, taken apart for tests."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Code:
    """A block or a span of code: where it stands, the language it names, what it says."""

    document: str
    language: str
    text: str


def own_files() -> list[str]:
    """Paths of all files that are tracked, or would be with the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    return sorted({name for name in listed.split("\0") if name and (PROJECT / name).is_file()})


def documents() -> list[str]:
    """Paths of all Markdown files of this project."""
    return [name for name in own_files() if name.endswith(".md")]


def read(name: str) -> str:
    """A file's text."""
    return (PROJECT / name).read_text(encoding="utf-8")


def codes(name: str) -> list[Code]:
    """Blocks and spans of code in a document."""
    kinds = ("fence", "code_block", "code_inline")
    return [Code(name, token.info.strip(), token.content) for token in _tokens(read(name)) if token.type in kinds]


def links(name: str) -> list[str]:
    """Where links and pictures of a document point."""
    found = [token.attrs.get("href") or token.attrs.get("src") for token in _tokens(read(name))]
    return [str(target) for target in found if target]


def headings(name: str) -> set[str]:
    """The anchors that a document's headings get."""
    titles = re.findall(r"^#+ +(.+?)\s*$", read(name), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _tokens(text: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        yield token
        yield from token.children or ()
