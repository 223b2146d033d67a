"""The machinery that runs workflow files here: what it reads, what it copies, and that it does not believe too much."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.github_server import github_server
from tests.workflows.rehearsal.actions import STAND_INS, replacements, used_actions
from tests.workflows.rehearsal.doors import door
from tests.workflows.rehearsal.expectations import differences, leaks, with_skipped
from tests.workflows.rehearsal.log import job_name, read_log
from tests.workflows.rehearsal.picture import draw

_AT = "2026-01-01T00:00:{:02d}Z"


def _line(job: str, second: int, identity: str = "", **more: object) -> str:
    name = job.rpartition("/")[2].strip()
    entry = {"job": job, "jobID": identity or name, "msg": "", "time": _AT.format(second), **more}
    return json.dumps(entry)


def _step(job: str, second: int, result: str, identity: str = "", *, tolerated: bool = False) -> list[str]:
    step = {"stage": "Main", "step": "make it", "stepID": ["0"]}
    lines = [_line(job, second, identity, **step, msg="⭐ Run Main make it")]
    if tolerated:
        lines.append(_line(job, second, identity, **step, msg="Failed but continue next step"))
    return [*lines, _line(job, second + 1, identity, **step, stepResult=result, executionTime=1_000_000_000)]


def test_jobs_are_named_as_github_names_them() -> None:
    assert job_name("ci/gate (churn)-1  ") == "gate (churn)"
    assert job_name("candidate-2/candidate/stages of churn") == "candidate / stages of churn"
    assert job_name("deliver churn/deliver/image    ") == "deliver churn / image"


def test_a_step_that_may_fail_leaves_its_job_a_success() -> None:
    lines = [*_step("ci/run", 0, "failure", tolerated=True), _line("ci/run", 3, jobResult="success")]
    (job,) = read_log(lines)
    assert (job.result, job.step("make it").result, job.seconds) == ("success", "failure", 3)


def test_notices_and_warnings_count_as_what_a_job_said() -> None:
    (job,) = read_log(
        [_line("ci/run", 0, command="warning", arg="not posted"), _line("ci/run", 1, jobResult="success")]
    )
    assert job.output == "not posted\n"


def test_only_the_member_of_a_matrix_that_failed_is_called_failed() -> None:
    lines = [*_step("ci/gate (a)-1", 0, "success", "gate"), *_step("ci/gate (b)-2", 0, "failure", "gate")]
    lines += [_line(f"ci/gate ({name})-1", 4, "gate", jobResult="failure") for name in "ab"]
    assert {job.name: job.result for job in read_log(lines)} == {"gate (a)": "success", "gate (b)": "failure"}


def test_a_job_that_act_calls_failed_without_a_failing_step_stays_failed() -> None:
    (job,) = read_log([_line("ci/run", 0), _line("ci/run", 1, jobResult="failure")])
    assert job.result == "failure"


def test_a_job_that_began_and_never_ended_is_no_success() -> None:
    (job,) = read_log([_line("ci/run", 0), "no JSON", '{"msg": "of no job"}'])
    assert job.result == "unfinished"


def test_a_missing_an_unknown_and_a_different_job_are_each_told() -> None:
    wrong = differences(
        {"plan": "success", "new": "success", "gate": "failure"},
        {"plan": "success", "gate": "success", "report": "success"},
    )
    assert wrong == [
        "gate ended with failure, expected success",
        "new ended with success, and was not expected",
        "report did not run, expected success",
    ]


def test_jobs_of_which_act_says_nothing_are_skipped(tmp_path: Path) -> None:
    workflow = tmp_path / "ci.yml"
    workflow.write_text(
        "jobs: {plan: {}, gate: {name: 'gate (${{ matrix.use_case }})'}, candidate: {uses: x}, all-green: {}}"
    )
    jobs = read_log(
        [_line("ci/plan", 0, jobResult="success"), _line("candidate-1/candidate/stages of a", 0, jobResult="success")]
    )
    results = with_skipped(jobs, workflow)
    assert results == {
        "plan": "success", "candidate / stages of a": "success", "gate": "skipped", "all-green": "skipped",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["the value is s3cr3t-value!", "czNjcjN0LXZhbHVlIQ=="])
def test_a_secret_is_found_plain_and_in_base64(tmp_path: Path, text: str) -> None:
    (tmp_path / "log").write_text(text)
    assert leaks({"TOKEN": "s3cr3t-value!"}, tmp_path) == [f"TOKEN in {tmp_path / 'log'}"]
    assert leaks({"TOKEN": "another"}, tmp_path) == []


def _workflows(root: Path, ci: str, called: str = "jobs: {}") -> Path:
    folder = root / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ci.yml").write_text(ci)
    (folder / "called.yml").write_text(called)
    (folder / "unrelated.yml").write_text("steps:\n  - uses: nobody/knows@1\n")
    return root


def test_actions_are_found_through_the_workflows_that_are_called(tmp_path: Path) -> None:
    root = _workflows(tmp_path, "a:\n  uses: ./.github/workflows/called.yml\n", "- uses: actions/cache/save@abc # v5\n")
    assert used_actions(root, "ci.yml") == ("actions/cache/save@abc",)
    assert replacements(root, "ci.yml") == {"actions/cache@abc": STAND_INS / "actions--cache"}


def test_an_action_without_a_stand_in_is_named(tmp_path: Path) -> None:
    root = _workflows(tmp_path, "- uses: somebody/something@abc\n")
    with pytest.raises(LookupError, match="somebody/something@abc"):
        replacements(root, "ci.yml")


def _stand_in(script: str, *arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    output = folder / "output"
    base = {"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(output), "GITHUB_RUN_ID": "1"}
    return subprocess.run(
        [sys.executable, str(STAND_INS / script), *arguments], cwd=folder, env=base | environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


class _Caches:
    """Jobs of several scopes around one store of caches."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def save(self, scope: str, key: str, content: str) -> None:
        job = self._job("saves")
        (job / "kept" / "file").write_text(content)
        self._run("save", job, scope, key)

    def restore(self, scope: str, key: str, prefix: str = "") -> str | None:
        job = self._job("restores")
        self._run("restore", job, scope, key, prefix)
        file = job / "kept" / "file"
        return file.read_text() if file.exists() else None

    def _job(self, name: str) -> Path:
        job = self.root / f"{name}-{len(list(self.root.iterdir()))}"
        (job / "kept").mkdir(parents=True)
        return job

    def _run(self, what: str, job: Path, scope: str, key: str, prefix: str = "") -> None:
        done = _stand_in("caches.py", what, folder=job, CACHED="kept", KEY=key, RESTORE_KEYS=prefix,
                         REHEARSAL_SCOPE=scope, REHEARSAL_CACHES=str(self.root / "caches"))  # fmt: skip
        assert done.returncode == 0, done.stderr


MAIN, PULL, OTHER = "refs/heads/main", "refs/pull/7/merge", "refs/pull/8/merge"


def test_a_pull_request_reads_mains_caches_and_nobody_reads_its_own(tmp_path: Path) -> None:
    caches = _Caches(tmp_path)
    caches.save(MAIN, "dvc-1", "of main")
    caches.save(PULL, "dvc-2", "of the pull request")
    assert caches.restore(PULL, "dvc-1") == "of main"
    assert caches.restore(PULL, "dvc-2") == "of the pull request"
    assert caches.restore(MAIN, "dvc-2", "dvc-") == "of main"
    assert caches.restore(OTHER, "dvc-2") is None


def test_a_cache_is_never_written_over(tmp_path: Path) -> None:
    caches = _Caches(tmp_path)
    caches.save(MAIN, "dvc-1", "first")
    caches.save(MAIN, "dvc-1", "second")
    assert caches.restore(MAIN, "dvc-1") == "first"


def _upload(job: Path, paths: str, **inputs: str) -> subprocess.CompletedProcess[str]:
    given = {"NAME": "a", "HIDDEN": "false", "NONE_FOUND": "warn", "OVERWRITE": "false"} | inputs
    return _stand_in(
        "artifacts.py", "upload", folder=job, PATHS=paths, REHEARSAL_ARTIFACTS=str(job.parent / "kept"), **given
    )


def _held(job: Path, name: str = "a") -> list[str]:
    folder = job.parent / "kept" / "1" / name
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def job(tmp_path: Path) -> Path:
    for name in ("job/.slipway/report.json", "job/.slipway/report.md", "job/data/metrics.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "job"


def test_an_artifact_begins_at_the_deepest_folder_that_its_paths_share(job: Path) -> None:
    _upload(job, ".slipway/report.json\n.slipway/report.md", HIDDEN="true")
    assert _held(job) == ["report.json", "report.md"]
    _upload(job, ".slipway/report.json\ndata/metrics.json", HIDDEN="true", NAME="b")
    assert _held(job, "b") == [".slipway/report.json", "data/metrics.json"]


def test_hidden_files_stay_behind_unless_asked_for(job: Path) -> None:
    _upload(job, ".slipway\ndata")
    assert _held(job) == ["data/metrics.json"]


def test_an_artifact_of_a_name_that_is_taken_is_refused_unless_it_overwrites(job: Path) -> None:
    assert _upload(job, "data/metrics.json").returncode == 0
    assert _upload(job, "data/metrics.json").returncode != 0
    assert _upload(job, "data/metrics.json", OVERWRITE="true").returncode == 0


def test_nothing_found_fails_where_that_was_asked_for(job: Path) -> None:
    assert _upload(job, "nowhere").returncode == 0
    assert _upload(job, "nowhere", NONE_FOUND="error").returncode != 0


def test_a_picture_shows_marks_bars_and_jobs_that_did_not_run() -> None:
    jobs = read_log([_line("ci/plan", 0), _line("ci/plan", 5, jobResult="success")])
    text = draw("ci.yml", jobs, {"plan": "success", "gate": "skipped"}, jobs[0].began)
    assert "✔ plan" in text
    assert "█" in text
    assert "– gate" in text
    assert "5.0 s" in text


def test_a_door_spoils_one_kind_of_request_until_it_is_healed_and_cuts_all_while_closed() -> None:
    with github_server() as server, door(server.base_url.removeprefix("http://")) as unwell:
        base = f"http://{unwell.address}"
        unwell.spoil("GET /rate_limit", 503)
        assert httpx.get(f"{base}/rate_limit", headers={"authorization": "Bearer x"}).status_code == 503
        assert httpx.get(f"{base}/user", headers={"authorization": "Bearer x"}).status_code == 403
        unwell.spoil("GET /rate_limit", None)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{base}/rate_limit", timeout=0.3)
        assert unwell.times_spoiled == 1
        unwell.heal()
        assert httpx.get(f"{base}/rate_limit", headers={"authorization": "Bearer x"}).status_code == 200
        unwell.close()
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{base}/rate_limit")
