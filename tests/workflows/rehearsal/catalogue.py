"""Which scenarios there are: every module of tests/workflows/scenarios, by its name."""

import importlib
import pkgutil
from types import ModuleType

from tests.workflows import scenarios


def catalogue() -> dict[str, ModuleType]:
    """Name to module. A module has ``play(scene)``; ``NEEDS`` names what it cannot do without ("engine").

    ``TRACKED`` is False where no MLflow server is needed.
    """
    names = [info.name for info in pkgutil.iter_modules(scenarios.__path__) if not info.name.startswith("_")]
    return {name: importlib.import_module(f"{scenarios.__name__}.{name}") for name in sorted(names)}
