"""What our code imports of our code, read off its text and never by importing it.

It errs on the side of too much: an import inside a function or under a condition counts like any other, every name
after ``import`` may be a module, and a module stands for the files that lie beside it in its package.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

SOURCE = "src"
PACKAGES = ("slipway", "use_cases")

_DOTTED = rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)*"
_FROM = re.compile(
    rf"^[ \t]*from[ \t]+({_DOTTED}|\.+[\w.]*)[ \t]+import[ \t]*(\([^)]*\)|(?:[^\n\\]|\\\n)*)", re.MULTILINE
)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([^\n]+)", re.MULTILINE)
_NAMED = re.compile(rf"import_module\(\s*[\"']({_DOTTED})[\"']")  # and whoever imports by name
_WORD = re.compile(r"\w+")
_MODULE = re.compile(rf"\b{_DOTTED}")
_COMMENT = re.compile(r"#[^\n]*")


@dataclass(frozen=True)
class CodeGraph:
    """The modules below ``src/``, as paths from the root such as ``src/slipway/core/task.py``.

    Attributes:
        modules: all there are; one that was removed may be among them, and is then imported by whoever names it.
        text: of a module; "" for one that is not there.
    """

    modules: frozenset[str]
    text: Callable[[str], str]
    _edges: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def reach(self, roots: Iterable[str]) -> dict[str, str | None]:
        """Every module that ``roots`` import at last, with the one that imports it on a shortest way; None for a root.

        A root's parent packages are not among them, apart from the outermost ones.
        """
        found: dict[str, str | None] = {root: None for root in roots if root in self.modules}
        waiting = list(found)
        for module in waiting:  # grows as it is walked
            for other in self.imports(module):
                if other not in found:
                    found[other] = module
                    waiting.append(other)
        return found

    def imports(self, module: str) -> tuple[str, ...]:
        """The modules that one names, sorted."""
        if module not in self._edges:
            names = {"use_cases", *imported_names(self.text(module), _package(module))}
            if not module.startswith(f"{SOURCE}/use_cases/"):
                names = (names - {"use_cases"}) | {"slipway"}
            self._edges[module] = tuple(sorted(self._files(module, names) - {module}))
        return self._edges[module]

    def _files(self, module: str, names: Iterable[str]) -> set[str]:
        own = _use_case(module)
        places = {place for name in names for place in _with_parents(name) if place != own or place in names}
        files = {f"{SOURCE}/{place.replace('.', '/')}{end}" for place in places for end in (".py", "/__init__.py")}
        return files & self.modules


def read_graph(root: Path, removed: Iterable[str]) -> CodeGraph:
    """The graph of a working tree; ``removed`` are paths that were there before."""
    found = {f"{SOURCE}/{path}" for package in PACKAGES for path in _python_files(root / SOURCE, package)}
    return CodeGraph(frozenset({*found, *filter(is_module, removed)}), lambda module: _read(root / module))


def is_module(path: str) -> bool:
    """Whether a path is Python below one of our packages."""
    parts = path.split("/")
    return path.endswith(".py") and parts[0] == SOURCE and len(parts) > 2 and parts[1] in PACKAGES


def imported_names(text: str, package: str) -> set[str]:
    """Dotted names below our packages that a module's text imports, perhaps; ``package`` is what dots start from.

    Example:
        >>> sorted(imported_names("from slipway.core import (\\n    task,\\n)\\nimport os", "slipway.stages"))
        ['slipway.core', 'slipway.core.task']
        >>> sorted(imported_names("from .source import collect", "use_cases.churn"))
        ['use_cases.churn.source', 'use_cases.churn.source.collect']
    """
    names = set(_NAMED.findall(text))
    for line in _IMPORT.findall(text):
        names.update(_MODULE.findall(line))
    for base, imported in _FROM.findall(text):
        whole = _absolute(base, package)
        names.add(whole)
        names.update(f"{whole}.{name}" for name in _WORD.findall(_COMMENT.sub("", imported)))
    return names


def way(found: Mapping[str, str | None], module: str) -> tuple[str, ...]:
    """The modules from a root to the one that imports ``module``; empty for a root."""
    steps: list[str] = []
    step = found[module]
    while step is not None:
        steps.append(step)
        step = found[step]
    return tuple(reversed(steps))


def _absolute(name: str, package: str) -> str:
    tail = name.lstrip(".")
    dots = len(name) - len(tail)
    if not dots:
        return name
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - dots + 1], *filter(None, [tail])])


def _package(module: str) -> str:
    return ".".join(PurePosixPath(module).parts[1:-1])


def _use_case(module: str) -> str | None:
    """``use_cases.churn`` for a file below its folder: its own modules do not make all of it count."""
    parts = module.split("/")
    return ".".join(parts[1:3]) if parts[1] == "use_cases" and len(parts) > 3 else None


def _with_parents(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]


def _python_files(source: Path, package: str) -> Iterator[str]:
    waiting: list[str] = [package]
    for folder in waiting:
        for entry in _entries(source / folder):
            if entry.name.endswith(".py"):
                yield f"{folder}/{entry.name}"
            elif entry.name != "__pycache__" and entry.is_dir(follow_symlinks=False):
                waiting.append(f"{folder}/{entry.name}")


def _entries(folder: Path) -> Sequence["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return ()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
