import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from slipway.core.errors import UseCaseBroken, UseCaseUnknown
from slipway.discovery import load_use_case, use_case_names
from slipway.settings import read_settings
from slipway.wiring import Project
from tests.support.documents import PROJECT

GOOD = """
from slipway.core.task import Task
from slipway.core.use_case import Numeric, UseCase

USE_CASE = UseCase(name={name!r}, title="T", task=Task.REGRESSION, target="y", key=("y",), features=(Numeric("x"),),
                   collect=lambda root: None, expectations=())
"""


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Loading another project's use cases changes what ``use_cases`` means in this process."""
    modules = dict(sys.modules)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    for name in [n for n in sys.modules if n.partition(".")[0] == "use_cases"]:
        del sys.modules[name]
    sys.modules.update({n: m for n, m in modules.items() if n.partition(".")[0] == "use_cases"})


def project(root: Path, **sources: str) -> Path:
    for name, source in sources.items():
        folder = root / "src" / "use_cases" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(source)
    (root / "src" / "use_cases" / "__init__.py").touch()
    return root


def test_every_folder_is_a_use_case_and_none_is_imported_to_know(tmp_path: Path) -> None:
    assert use_case_names(project(tmp_path, b="raise RuntimeError", a="")) == ("a", "b")


def test_a_folder_that_does_not_import_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    root = project(tmp_path, good=GOOD.format(name="good"), bad="import does_not_exist")
    with pytest.raises(UseCaseBroken, match="use case bad cannot be used: ModuleNotFoundError"):
        load_use_case(root, "bad")
    assert load_use_case(root, "good").name == "good"


def test_a_use_case_must_go_by_its_folders_name(tmp_path: Path) -> None:
    with pytest.raises(UseCaseBroken, match="not a UseCase named 'other'"):
        load_use_case(project(tmp_path, other=GOOD.format(name="good")), "other")


@pytest.mark.parametrize("taken", ["prediction", "__target__"])
def test_a_feature_named_like_an_outcome_is_refused(tmp_path: Path, taken: str) -> None:
    source = GOOD.format(name="good").replace('Numeric("x")', f"Numeric({taken!r})")
    with pytest.raises(UseCaseBroken, match=f"no feature can be called '{taken}'"):
        load_use_case(project(tmp_path, good=source), "good")


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UseCaseUnknown, match="did you mean churn"):
        load_use_case(project(tmp_path, churn=""), "chrun")


def test_each_project_has_its_own_use_cases(tmp_path: Path) -> None:
    one, two = (project(tmp_path / n, same=GOOD.format(name="same").replace('"T"', f'"{n}"')) for n in ("one", "two"))
    assert [load_use_case(root, "same").title for root in (one, two)] == ["one", "two"]


ASKING = GOOD.replace(
    "lambda root: None", 'Source(lambda errand: None, (Variable("A_KEY", "more", "ask"), Variable("URL")))'
)


def test_what_sources_ask_the_environment_for_is_examined_without_its_value(tmp_path: Path) -> None:
    asking = "from slipway.core.source import Source, Variable\n" + ASKING.format(name="asking")
    root = project(tmp_path, asking=asking, bad="raise RuntimeError('broken')", quiet=GOOD.format(name="quiet"))
    sections = yaml.safe_load((PROJECT / "params.yaml").read_text())["use_cases"]["churn"]
    (root / "params.yaml").write_text(
        yaml.safe_dump({"use_cases": dict.fromkeys(("asking", "bad", "quiet"), sections)})
    )
    (root / "dvc.yaml").touch()
    configured = Project(read_settings(root, {"A_KEY": "hush-hush"})).configured
    asked, broken = configured.sources
    assert (asked.use_case, asked.variable and asked.variable.name, asked.is_set) == ("asking", "A_KEY", True)
    assert (broken.use_case, broken.variable) == ("bad", None)
    assert "RuntimeError: broken" in broken.problem
    assert "hush-hush" not in repr(configured)
