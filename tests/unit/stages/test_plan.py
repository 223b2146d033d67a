"""Each kind of reason."""

from pathlib import Path

import pytest

from slipway.adapters.git import GitTwin
from slipway.core.errors import NameRefused, ParamsInvalid, ToolFailed, UseCaseUnknown
from slipway.core.plan import Plan
from slipway.discovery import use_case_names
from slipway.stages import image
from slipway.stages.plan import IMAGE_SOURCES, plan, plan_all
from tests.support.plans import CODE, LOCK, PARAMS, PIPELINE, ROOT, base, project, with_use_case

ALL = ["collect", "validate", "prepare", "train", "incumbents", "evaluate", "image"]


def made(root: Path, vcs: GitTwin, *names: str) -> Plan:
    return plan(root, vcs, "main", names or ("churn",))


def stages(plan: Plan) -> list[str]:
    return [entry.stage for entry in plan.affected]


def why(plan: Plan, stage: str) -> tuple[str, ...]:
    return next(entry.reasons for entry in plan.affected if entry.stage == stage)


def test_nothing_changed_affects_nothing(tmp_path: Path) -> None:
    assert stages(made(project(tmp_path), base())) == []


@pytest.mark.parametrize(
    "path",
    ["README.md", "docs/a.md", "tests/test_a.py", ".github/workflows/ci.yml", "requirements/dev.txt"],
)
def test_documents_tests_and_workflows_affect_nothing_and_are_named(tmp_path: Path, path: str) -> None:
    plan = made(project(tmp_path), base(path))
    assert (plan.affected, plan.silent) == ((), (path,))


def test_a_gate_threshold_affects_evaluate_and_the_image_of_what_it_decides(tmp_path: Path) -> None:
    changed = PARAMS.replace("min: 0.80", "min: 0.81")
    plan = made(project(tmp_path, params=changed), base("params.yaml"))
    assert stages(plan) == ["evaluate", "image"]
    assert why(plan, "evaluate") == ("params.yaml: use_cases.churn.gates.absolute changed",)
    assert why(plan, "image") == ("comes after evaluate",)


def test_a_training_setting_affects_train_and_what_follows(tmp_path: Path) -> None:
    changed = PARAMS.replace("num_leaves: 8", "num_leaves: 9")
    plan = made(project(tmp_path, params=changed), base("params.yaml"))
    assert stages(plan) == ["train", "incumbents", "evaluate", "image"]
    assert plan.silent == ()


def test_a_comment_in_params_affects_nothing(tmp_path: Path) -> None:
    plan = made(project(tmp_path, params=f"# hello\n{PARAMS}"), base("params.yaml"))
    assert (plan.affected, plan.silent) == ((), ("params.yaml",))


def test_an_input_of_a_stage_affects_it(tmp_path: Path) -> None:
    plan = made(project(tmp_path), base("src/slipway/evaluation/gates.py"))
    assert stages(plan) == ["evaluate", "image"]
    assert why(plan, "evaluate") == ("src/slipway/evaluation/gates.py changed",)


def test_what_a_stage_imports_affects_it_and_the_way_is_told(tmp_path: Path) -> None:
    plan = made(project(tmp_path), base("src/slipway/core/task.py"))
    assert stages(plan) == ["train", "incumbents", "evaluate", "image"]
    assert why(plan, "train") == ("src/slipway/core/task.py changed (train imports it through training/lightgbm.py)",)


def test_a_stages_own_module_affects_it_though_no_input_names_it(tmp_path: Path) -> None:
    assert "src/slipway/stages/incumbents.py" not in PIPELINE
    plan = made(project(tmp_path), base("src/slipway/stages/incumbents.py"))
    assert why(plan, "incumbents") == ("src/slipway/stages/incumbents.py changed",)


def test_what_the_stage_itself_imports_needs_no_way(tmp_path: Path) -> None:
    code = {"src/slipway/stages/incumbents.py": "import slipway.core.errors as e"}
    plan = made(project(tmp_path, code=code), base("src/slipway/core/errors.py"))
    assert why(plan, "incumbents") == ("src/slipway/core/errors.py changed (incumbents imports it)",)


def test_code_that_no_stage_imports_affects_nothing(tmp_path: Path) -> None:
    plan = made(project(tmp_path), base("src/slipway/cli/main.py"))
    assert (plan.affected, plan.silent) == ((), ("src/slipway/cli/main.py",))


def test_a_module_that_was_removed_affects_who_still_imports_it(tmp_path: Path) -> None:
    root = project(tmp_path, code={"src/slipway/stages/incumbents.py": "from slipway.core import gone"})
    plan = made(root, base("src/slipway/core/gone.py"))
    assert stages(plan) == ["incumbents", "evaluate", "image"]


def test_a_file_beside_a_module_counts_with_it(tmp_path: Path) -> None:
    code = {"src/slipway/core/words/table.csv": "", "src/slipway/core/task.py": ""}
    plan = made(project(tmp_path, code=code), base("src/slipway/core/words/table.csv"))
    assert "src/slipway/core/words/table.csv changed (train imports what lies beside it" in why(plan, "train")[0]


def test_the_own_package_affects_what_is_made_of_it(tmp_path: Path) -> None:
    plan = made(project(tmp_path), base("src/use_cases/churn/__init__.py"))
    assert stages(plan) == ["validate", "prepare", "train", "incumbents", "evaluate", "image"]
    assert why(plan, "validate") == ("src/use_cases/churn/__init__.py changed",)


def test_what_is_imported_from_another_use_case_counts(tmp_path: Path) -> None:
    code = {
        "src/use_cases/other/__init__.py": "",
        "src/use_cases/other/columns.py": "",
        "src/use_cases/churn/features.py": "from ..other.columns import NAMES",
    }
    root = project(tmp_path, params=with_use_case(PARAMS, "other"), code=code)
    plan = made(root, base("src/use_cases/other/columns.py"), "churn", "other")
    assert plan.use_cases == ("churn", "other")
    assert why(plan, "validate") == (
        "src/use_cases/other/columns.py changed (churn imports it through use_cases/churn/features.py)",
    )


def test_another_use_case_is_not_affected(tmp_path: Path) -> None:
    two = with_use_case(PARAMS, "other")
    vcs = base("src/use_cases/other/source/__init__.py", params=two)
    plan = made(project(tmp_path, params=two), vcs, "churn", "other")
    assert plan.use_cases == ("other",)


def test_new_raw_data_affects_everything(tmp_path: Path) -> None:
    plan = made(project(tmp_path, lock=LOCK.format("bbb")), base("dvc.lock"))
    assert stages(plan) == ALL
    assert why(plan, "collect") == ("dvc.lock names other raw data",)


def test_results_in_the_lock_file_affect_nothing(tmp_path: Path) -> None:
    plan = made(project(tmp_path, lock=LOCK.format("aaa").replace("not-raw-data", "x")), base("dvc.lock"))
    assert (plan.affected, plan.silent) == ((), ("dvc.lock",))


def test_the_requirements_of_training_affect_train(tmp_path: Path) -> None:
    plan = made(project(tmp_path), base("requirements/run.txt"))
    assert stages(plan) == ["train", "incumbents", "evaluate", "image"]


@pytest.mark.parametrize("path", ["Dockerfile.serve", ".dockerignore", "serving/app.py", "serving/requirements.txt"])
def test_the_endpoints_files_affect_images_and_no_model(tmp_path: Path, path: str) -> None:
    plan = made(project(tmp_path), base(path))
    assert (stages(plan), plan.use_cases, plan.images) == (["image"], (), ("churn",))
    assert why(plan, "image") == (f"{path} changed",)


def test_what_builds_the_image_affects_it(tmp_path: Path) -> None:
    plan = made(project(tmp_path), base("src/slipway/stages/serve.py"))
    assert why(plan, "image") == ("src/slipway/stages/serve.py changed (image imports it)",)
    assert stages(plan) == ["image"]


def test_the_files_of_the_image_are_those_it_is_built_of() -> None:
    assert set(IMAGE_SOURCES) == set(image.SOURCES)


def test_a_stage_declared_anew_affects_every_use_case(tmp_path: Path) -> None:
    plan = made(
        project(tmp_path), base("dvc.yaml", pipeline=PIPELINE.replace("cmd: slipway train", "cmd: slipway fit"))
    )
    assert why(plan, "train") == ("dvc.yaml: the stage train changed",)
    assert stages(plan) == ["train", "incumbents", "evaluate", "image"]


def test_after_a_few_reasons_the_rest_is_counted(tmp_path: Path) -> None:
    changed = [f"src/slipway/evaluation/m{n}.py" for n in range(9)]
    reasons = why(made(project(tmp_path), base(*changed)), "evaluate")
    assert reasons[0] == f"{changed[0]} changed"
    assert (len(reasons), reasons[-1]) == (4, "and 6 more")


def test_every_use_case_can_be_asked_for(tmp_path: Path) -> None:
    plan = plan_all(project(tmp_path), ["churn"])
    assert (stages(plan), plan.base) == (ALL, None)


def test_a_file_name_cannot_begin_a_line_of_its_own(tmp_path: Path) -> None:
    plan = made(project(tmp_path), base("serving/a\n::set-env name=x::y"))
    assert "\n" not in "".join(why(plan, "image"))
    assert len(why(plan, "image")) == 1


def test_an_added_use_case_is_told(tmp_path: Path) -> None:
    two = with_use_case(PARAMS, "other")
    plan = made(project(tmp_path, params=two), base("params.yaml"), "churn", "other")
    assert (plan.added, plan.removed, plan.use_cases) == (("other",), (), ("other",))
    assert why(plan, "collect") == ("other is new",)


def test_a_removed_use_case_is_told_and_not_trained(tmp_path: Path) -> None:
    plan = made(project(tmp_path), base("params.yaml", params=with_use_case(PARAMS, "other")))
    assert (plan.added, plan.removed, plan.images) == ((), ("other",), ())


def test_a_renamed_use_case_is_one_removed_and_one_added(tmp_path: Path) -> None:
    renamed = PARAMS.replace("  churn:\n", "  attrition:\n")
    plan = made(project(tmp_path, params=renamed), base("params.yaml"), "attrition")
    assert (plan.added, plan.removed) == (("attrition",), ("churn",))


def test_a_name_that_none_can_have_is_never_handed_on(tmp_path: Path) -> None:
    hostile = PARAMS.replace("  churn:\n", '  "a; rm -rf x":\n')
    plan = made(project(tmp_path), base("params.yaml", params=hostile))
    assert plan.removed == ()
    with pytest.raises(NameRefused, match="a; rm -rf x"):
        made(project(tmp_path, params=hostile), base("params.yaml"), "a; rm -rf x")


def test_a_section_without_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UseCaseUnknown, match=r"other has a section in params\.yaml and no folder"):
        made(project(tmp_path, params=with_use_case(PARAMS, "other")), base())


def test_a_folder_without_a_section_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UseCaseUnknown, match="other has a folder src/use_cases/other and no section"):
        made(project(tmp_path), base(), "churn", "other")


def test_a_dvc_yaml_of_another_shape_is_told(tmp_path: Path) -> None:
    (project(tmp_path) / "dvc.yaml").write_text("stages: {train: {cmd: x}}")
    with pytest.raises(ToolFailed, match=r"dvc\.yaml cannot be read"):
        made(tmp_path, base())


@pytest.mark.parametrize("text", ["use_cases: [", "a: 1\na: 2"])
def test_params_that_do_not_parse_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ParamsInvalid, match="does not parse"):
        made(project(tmp_path, params=text), base("params.yaml"))


def test_params_in_another_encoding_are_refused(tmp_path: Path) -> None:
    (project(tmp_path) / "params.yaml").write_bytes(b"use_cases: {\xff: 1}")
    with pytest.raises(ParamsInvalid, match="UTF-8"):
        made(tmp_path, base("params.yaml"))


def test_the_real_project_is_planned_by_its_own_code() -> None:
    vcs = base(
        "src/slipway/core/task.py", "src/slipway/training/lightgbm.py", params=(ROOT / "params.yaml").read_text()
    )
    [first, second, *_] = why(made(ROOT, vcs, *use_case_names(ROOT)), "train")
    assert first == "src/slipway/training/lightgbm.py changed"
    assert second.startswith("src/slipway/core/task.py changed (")


def test_code_is_read_only_when_code_changed(tmp_path: Path) -> None:
    root = project(tmp_path)
    for path in CODE:
        (root / path).unlink()
    assert stages(made(root, base("docs/a.md"))) == []
