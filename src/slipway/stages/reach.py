"""Which changed files reach a stage, and by which path: named as its input, or imported by its code."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path, PurePosixPath

from slipway.report.text import plain, shorten
from slipway.stages.code_graph import PACKAGES, SOURCE, CodeGraph, read_graph, way
from slipway.stages.pipeline_file import Stage, filled, is_common

_LONGEST_NAME = 120


@dataclass(frozen=True)
class Reached:
    """A changed file and, made only when it is wanted, how it reaches the stage; ``direct`` when named as its input."""

    path: str
    direct: bool
    words: Callable[[], str]


@dataclass(frozen=True)
class Reach:
    """Where changed files lead to.

    Attributes:
        heard: the files found to reach any stage so far.
    """

    root: Path
    changed: Sequence[str]
    heard: set[str] = field(default_factory=set)
    _common: dict[str, tuple[Reached, ...]] = field(default_factory=dict)
    _walked: dict[tuple[str, ...], dict[str, str | None]] = field(default_factory=dict)

    def files(self, stage: Stage, name: str) -> tuple[Reached, ...]:
        """The files that reach a stage of a use case, each once, those named as its inputs first."""
        own, common = self.of_use_case(stage, name), self.of_stage(stage)
        if not own:
            return common
        found: dict[str, Reached] = {}
        for each in sorted((*own, *common), key=lambda one: not one.direct):
            found.setdefault(each.path, each)
        return tuple(found.values())

    def of_use_case(self, stage: Stage, name: str) -> tuple[Reached, ...]:
        """The files that reach a stage only because it is this use case's."""
        deps = tuple(dep for template, dep in zip(stage.deps, filled(stage.deps, name), strict=True) if template != dep)
        return self._found(deps, self._modules_below(deps), name, "")

    def of_stage(self, stage: Stage) -> tuple[Reached, ...]:
        """The files that reach a stage of every use case."""
        if stage.name not in self._common:
            deps = [dep for dep in stage.deps if is_common(dep)]
            module = f"{SOURCE}/slipway/stages/{stage.name}.py"
            deps.append(module)
            self._common[stage.name] = self._found(deps, self._modules_below(deps), stage.name, module)
        return self._common[stage.name]

    def _found(self, deps: Iterable[str], roots: tuple[str, ...], who: str, module: str) -> tuple[Reached, ...]:
        direct = dict.fromkeys(path for dep in deps for path in self._below.get(dep, ()))
        found = [Reached(path, True, partial(_by_name, path)) for path in direct]
        found += self._imported(roots, direct, who, module)
        self.heard.update(each.path for each in found)
        return tuple(found)

    def _imported(self, roots: tuple[str, ...], direct: Mapping[str, None], who: str, module: str) -> Iterator[Reached]:
        if not (self._code and roots):
            return
        if roots not in self._walked:
            self._walked[roots] = self._graph.reach(roots)
        reached = self._walked[roots]
        for path, stands_for in self._code.items():
            at = next((m for m in stands_for if m in reached), None)
            if at is not None and path not in direct:
                yield Reached(path, False, partial(_by_import, path, at, reached, who, module))

    def _modules_below(self, deps: Iterable[str]) -> tuple[str, ...]:
        return tuple(module for dep in deps for module in self._modules.get(dep, ())) if self._code else ()

    @cached_property
    def _below(self) -> Mapping[str, Sequence[str]]:
        return _by_ancestor(self.changed)

    @cached_property
    def _graph(self) -> CodeGraph:
        return read_graph(self.root, self.changed)

    @cached_property
    def _modules(self) -> Mapping[str, Sequence[str]]:
        return _by_ancestor(sorted(self._graph.modules))

    @cached_property
    def _code(self) -> Mapping[str, tuple[str, ...]]:
        """Each changed file of our packages, and the modules that it is part of what they do."""
        ours = tuple(f"{SOURCE}/{package}/" for package in PACKAGES)
        files = [path for path in self.changed if path.startswith(ours)]
        return {path: (path,) if path.endswith(".py") else self._beside(path) for path in files}

    def _beside(self, path: str) -> tuple[str, ...]:
        """The modules in the nearest folder above that has any."""
        for folder in map(str, PurePosixPath(path).parents):
            found = tuple(m for m in self._modules.get(folder, ()) if m.rpartition("/")[0] == folder)
            if found:
                return found
        return ()


def _by_ancestor(paths: Iterable[str]) -> dict[str, list[str]]:
    """Every path below each of its parent folders, and below itself."""
    found: dict[str, list[str]] = {}
    for path in paths:
        place = path
        while place:
            found.setdefault(place, []).append(path)
            place = place.rpartition("/")[0]
    return found


def _by_name(path: str) -> str:
    return f"{_name(path)} changed"


def _by_import(path: str, at: str, reached: Mapping[str, str | None], who: str, module: str) -> str:
    steps = [step for step in way(reached, at) if step != module]
    if path == at:
        return f"{_name(path)} changed ({who} imports it{_through(steps)})"
    return f"{_name(path)} changed ({who} imports what lies beside it{_through([*steps, at])})"


def _through(steps: Sequence[str]) -> str:
    names = [_name(step).removeprefix(f"{SOURCE}/").removeprefix("slipway/") for step in steps]
    if len(names) < 3:
        return f" through {' and '.join(names)}" if names else ""
    return f" through {names[0]}, …, {names[-1]}"


def _name(path: str) -> str:
    return shorten(plain(path), _LONGEST_NAME)
