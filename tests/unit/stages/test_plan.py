from pathlib import Path

import pytest

from slipway.adapters.git import GitTwin
from slipway.core.errors import ToolFailed
from slipway.stages.plan import plan

ROOT = Path(__file__).parents[3]
PARAMS = (ROOT / "params.yaml").read_text()
LOCK = "stages:\n  collect@churn:\n    outs:\n    - md5: {}\n"


def project(root: Path, params: str = PARAMS, lock: str = LOCK.format("aaa")) -> Path:
    (root / "dvc.yaml").write_text((ROOT / "dvc.yaml").read_text())
    (root / "params.yaml").write_text(params)
    (root / "dvc.lock").write_text(lock)
    return root


def base(*changed: str) -> GitTwin:
    files = {("main", "params.yaml"): PARAMS, ("main", "dvc.lock"): LOCK.format("aaa")}
    return GitTwin(files=files, changed=changed)


def stages(root: Path, vcs: GitTwin) -> list[str]:
    return [entry.stage for entry in plan(root, vcs, "main")]


def test_nothing_changed_affects_nothing(tmp_path: Path) -> None:
    assert stages(project(tmp_path), base("README.md")) == []


def test_a_gate_threshold_affects_evaluate_only(tmp_path: Path) -> None:
    changed = PARAMS.replace("min: 0.80", "min: 0.81")
    [entry] = plan(project(tmp_path, changed), base("params.yaml"), "main")
    assert (entry.stage, entry.reasons) == ("evaluate", ("params.yaml: use_cases.churn.gates.absolute changed",))


def test_a_setting_of_the_endpoint_affects_evaluate_only(tmp_path: Path) -> None:
    changed = PARAMS.replace("out_of_range: refuse", "out_of_range: warn")
    assert stages(project(tmp_path, changed), base("params.yaml")) == ["evaluate"]


def test_a_training_setting_affects_train_and_what_follows(tmp_path: Path) -> None:
    changed = PARAMS.replace("num_leaves: 8", "num_leaves: 9")
    assert stages(project(tmp_path, changed), base("params.yaml")) == ["train", "incumbents", "evaluate"]


def test_code_affects_the_stages_that_run_it(tmp_path: Path) -> None:
    affected = stages(project(tmp_path), base("src/slipway/evaluation/gates.py"))
    assert affected == ["evaluate"]


def test_new_raw_data_affects_everything(tmp_path: Path) -> None:
    affected = stages(project(tmp_path, lock=LOCK.format("bbb")), base("dvc.lock"))
    assert affected == ["collect", "validate", "prepare", "train", "incumbents", "evaluate"]


def test_another_use_case_is_not_affected(tmp_path: Path) -> None:
    two = PARAMS + "\n  other:\n" + PARAMS.partition("  churn:\n")[2]
    vcs = GitTwin(files={("main", "params.yaml"): two}, changed=("src/use_cases/other/source/__init__.py",))
    affected = plan(project(tmp_path, two, lock=""), vcs, "main")
    assert {entry.use_case for entry in affected} == {"other"}


def test_an_unknown_base_affects_everything(tmp_path: Path) -> None:
    affected = plan(project(tmp_path), GitTwin(), "main")
    assert len(affected) == 6
    assert affected[0].reasons == ("nothing to compare with",)


def test_a_dvc_yaml_of_another_shape_is_told(tmp_path: Path) -> None:
    (project(tmp_path) / "dvc.yaml").write_text("stages: {train: {cmd: x}}")
    with pytest.raises(ToolFailed, match=r"dvc\.yaml cannot be read"):
        plan(tmp_path, base(), "main")
