from collections.abc import Mapping
from pathlib import Path

import pytest

from slipway.stages.code_graph import CodeGraph, imported_names, read_graph, way

A, B, C = (f"src/slipway/core/{name}.py" for name in "abc")


def graph(texts: Mapping[str, str]) -> CodeGraph:
    return CodeGraph(frozenset(texts), lambda module: texts[module])


@pytest.mark.parametrize(
    "text",
    [
        "from slipway.core import a",
        "from slipway.core.a import X as Y",
        "import slipway.core.a",
        "import os, slipway.core.a as a",
        "def f():\n    from slipway.core.a import (\n        X,  # why\n    )",
        "from slipway.core import z, \\\n    a",
        "from . import a",
        "from .a import X",
        "from ..core.a import X",
        "importlib.import_module('slipway.core.a')",
    ],
)
def test_every_way_to_import_is_seen(text: str) -> None:
    assert "slipway.core.a" in imported_names(text, "slipway.core")


@pytest.mark.parametrize("text", ["import os", "# from slipway.core import a", '"""See ``slipway.core.a``."""'])
def test_what_is_no_import_of_ours_is_not_seen(text: str) -> None:
    assert not imported_names(text, "slipway.core")


def test_imports_are_followed_to_the_end_and_in_circles() -> None:
    found = graph({A: "from slipway.core import b", B: "from slipway.core.c import x", C: "import slipway.core.a"})
    reached = found.reach([A])
    assert set(reached) == {A, B, C}
    assert way(reached, C) == (A, B)


def test_the_packages_around_an_imported_module_count() -> None:
    package = "src/slipway/core/__init__.py"
    assert package in graph({"src/slipway/x.py": "import slipway.core.a", A: "", package: ""}).reach(
        ["src/slipway/x.py"]
    )


def test_a_use_cases_own_parts_do_not_make_all_of_it_count() -> None:
    texts = {
        "src/use_cases/churn/__init__.py": "",
        "src/use_cases/churn/columns.py": "",
        "src/use_cases/churn/source.py": "from use_cases.churn.columns import X",
    }
    reached = graph(texts).reach(["src/use_cases/churn/source.py"])
    assert set(reached) == {"src/use_cases/churn/source.py", "src/use_cases/churn/columns.py"}


def test_a_tree_is_read_without_caches_and_with_what_was_removed(tmp_path: Path) -> None:
    for name in ("core/a.py", "core/__pycache__/a.py"):
        (tmp_path / "src/slipway" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src/slipway" / name).write_text("")
    assert read_graph(tmp_path, [B, "docs/x.py"]).modules == {A, B}
