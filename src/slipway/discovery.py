"""Finding use cases: a folder below ``src/use_cases`` that offers USE_CASE is one."""

import difflib
import importlib
import sys
from pathlib import Path

from slipway.core.declared import problem_of
from slipway.core.errors import UseCaseBroken, UseCaseUnknown
from slipway.core.use_case import NO_FEATURES, UseCase

_PACKAGE = "use_cases"


def use_case_names(root: Path) -> tuple[str, ...]:
    """Names of the folders, sorted; none of them is imported."""
    folders = (root / "src" / _PACKAGE).glob("*/__init__.py")
    return tuple(sorted(path.parent.name for path in folders))


def load_use_case(root: Path, name: str) -> UseCase:
    """Import one use case.

    Raises:
        UseCaseUnknown: there is no such folder.
        UseCaseBroken: it does not import, or does not offer a USE_CASE of its own name.
    """
    names = use_case_names(root)
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        raise UseCaseUnknown(
            f"there is no use case {name!r}" + (f"; did you mean {close[0]}?" if close else ""),
            cause=f"src/{_PACKAGE} has the folders {', '.join(names) or 'none'}",
            next_step=f"check the name, or make the use case with `slipway new {name}`",
        )
    _look_below(root)
    try:
        use_case = importlib.import_module(f"{_PACKAGE}.{name}").USE_CASE
    except Exception as error:  # a use case is foreign code: whatever it raises, the others go on
        raise _broken(name, f"{type(error).__name__}: {error}") from error
    if not isinstance(use_case, UseCase) or use_case.name != name:
        raise _broken(name, f"its USE_CASE is not a UseCase named {name!r}")
    taken = sorted(NO_FEATURES.intersection(feature.name for feature in use_case.features))
    if taken:
        raise _broken(name, f"no feature can be called {taken[0]!r}, which is the name of an outcome here")
    problem = problem_of(use_case)
    if problem is not None:
        raise _broken(name, problem)
    return use_case


def _look_below(root: Path) -> None:
    """Let ``use_cases`` mean this project's, also when another project's was imported before."""
    source = str(root / "src")
    loaded = sys.modules.get(_PACKAGE)
    if loaded is not None and str(Path(str(loaded.__file__)).parent.parent) == source:
        return
    for module in [m for m in sys.modules if m == _PACKAGE or m.startswith(f"{_PACKAGE}.")]:
        del sys.modules[module]
    sys.path[:] = [source, *(entry for entry in sys.path if entry != source)]
    importlib.invalidate_caches()


def _broken(name: str, problem: str) -> UseCaseBroken:
    return UseCaseBroken(
        f"use case {name} cannot be used: {problem}",
        cause=f"an error in the code below src/{_PACKAGE}/{name}",
        next_step=f"run `python -c 'import {_PACKAGE}.{name}'` for the traceback and mend it",
    )
