"""Every workflow and action of ours keeps to the rules, and each rule refuses what breaks it."""

import re

import pytest
import yaml

from slipway.discovery import use_case_names
from tests.support.documents import PROJECT, own_files, read
from tests.workflows import rules

WORKFLOWS = [name for name in own_files() if re.fullmatch(r"\.github/workflows/[^/]+\.ya?ml", name)]
ACTIONS = [name for name in own_files() if re.fullmatch(r"\.github/actions/.+/action\.ya?ml", name)]
SHA = "3d3c42e5aac5ba805825da76410c181273ba90b1"
GOOD = f"""\
on: pull_request
permissions: {{}}
concurrency: ci-${{{{ github.ref }}}}
jobs:
  one:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@{SHA} # v7.0.1
        with:
          persist-credentials: false
      - uses: ./.github/actions/setup
      - uses: actions/setup-python@{SHA} # v7.0.0
      - uses: actions/cache/restore@{SHA} # v5
      - if: github.event_name == 'push' && steps.venv.outputs.cache-hit != 'true'
        uses: actions/cache/save@{SHA} # v5.0.5
      - run: echo "$TITLE"
        env:
          TITLE: ${{{{ github.event.pull_request.title }}}}
  two:
    permissions: {{}}
    uses: ./.github/workflows/two.yml
    with:
      trusted: ${{{{ github.event.pull_request.head.repo.full_name == github.repository }}}}
    secrets:
      KEY: ${{{{ secrets.KEY }}}}
"""
STEP = '      - run: echo "$TITLE"\n'
BAD = [
    (rules.rights_are_given_per_job, "permissions: {}\nconcurrency", "concurrency"),
    (rules.rights_are_given_per_job, "permissions: {}\nconcurrency", "permissions: read-all\nconcurrency"),
    (rules.rights_are_given_per_job, "permissions: {}\nconcurrency", "permissions:\n  contents: read\nconcurrency"),
    (rules.rights_are_given_per_job, "    permissions:\n      contents: read\n", ""),
    (rules.every_job_ends, "    timeout-minutes: 5\n", ""),
    (rules.every_job_ends, "timeout-minutes: 5", "timeout-minutes: 0"),
    (rules.runs_do_not_pile_up, "concurrency: ci-${{ github.ref }}\n", ""),
    (rules.nothing_is_pasted_into_a_script, 'echo "$TITLE"', 'echo "${{ github.event.pull_request.title }}"'),
    (
        rules.nothing_is_pasted_into_a_script,
        STEP,
        STEP.replace('echo "$TITLE"', "|\n          x=1\n          ${{ env.X }}"),
    ),
    (
        rules.nothing_is_pasted_into_a_script,
        STEP,
        f"      - uses: actions/github-script@{SHA} # v8.0.0\n        with:\n          script: ${{{{ x }}}}\n{STEP}",
    ),
    (rules.actions_are_pinned, f"setup-python@{SHA} # v7.0.0", "setup-python@v7.0.0"),
    (rules.actions_are_pinned, f"setup-python@{SHA} # v7.0.0", "setup-python@main # v7.0.0"),
    (rules.actions_are_pinned, f"setup-python@{SHA} # v7.0.0", f"setup-python@{SHA}"),
    (rules.actions_are_pinned, f"setup-python@{SHA} # v7.0.0", f"setup-python@{SHA[:12]} # v7.0.0"),
    (rules.actions_are_pinned, f"uses: actions/setup-python@{SHA} # v7.0.0", "uses: docker://alpine:3"),
    (rules.actions_are_pinned, f"- uses: actions/setup-python@{SHA} # v7.0.0", "- {uses: actions/setup-python@v7}"),
    (
        rules.actions_are_pinned,
        f"- uses: actions/setup-python@{SHA} # v7.0.0",
        "- uses:\n          actions/setup-python@v7",
    ),
    (rules.checkouts_leave_no_token, "        with:\n          persist-credentials: false\n", ""),
    (rules.checkouts_leave_no_token, "persist-credentials: false", "persist-credentials: true"),
    (rules.foreign_code_has_no_rights, "on: pull_request\n", "on: pull_request_target\n"),
    (rules.foreign_code_has_no_rights, "on: pull_request\n", "on: [push, pull_request_target]\n"),
    (
        rules.foreign_code_has_no_rights,
        "on: pull_request\n",
        "on:\n  pull_request_target:\n    types: [opened]\n",
    ),
    (rules.forks_meet_no_secret, "TITLE: ${{ github.event.pull_request.title }}", "TITLE: ${{ secrets.KEY }}"),
    (rules.forks_meet_no_secret, "TITLE: ${{ github.event.pull_request.title }}", "TITLE: ${{ toJSON(secrets) }}"),
    (rules.forks_meet_no_secret, "jobs:\n", "env:\n  KEY: ${{ secrets.KEY }}\njobs:\n"),
    (rules.forks_meet_no_secret, "secrets:\n      KEY: ${{ secrets.KEY }}", "secrets: inherit"),
    (
        rules.forks_meet_no_secret,
        "trusted: ${{ github.event.pull_request.head.repo.full_name == github.repository }}",
        "trusted: true",
    ),
    (
        rules.forks_meet_no_secret,
        "head.repo.full_name == github.repository }}",
        "head.repo.full_name == github.repository || true }}",
    ),
    (rules.forks_fill_no_cache, f"actions/cache/restore@{SHA}", f"actions/cache@{SHA}"),
    (
        rules.forks_fill_no_cache,
        "      - if: github.event_name == 'push' && steps.venv.outputs.cache-hit != 'true'\n        uses: ",
        "      - uses: ",
    ),
    (rules.forks_fill_no_cache, "github.event_name == 'push' && steps", "github.event_name == 'push' || steps"),
    (rules.forks_fill_no_cache, "github.event_name == 'push'", "github.event_name != 'push'"),
    (
        rules.forks_fill_no_cache,
        f"setup-python@{SHA} # v7.0.0",
        f"setup-python@{SHA} # v7.0.0\n        with:\n          cache: pip",
    ),
    (rules.forks_fill_no_cache, f"actions/setup-python@{SHA} # v7.0.0", f"astral-sh/setup-uv@{SHA} # v10.0.1"),
]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_every_workflow_keeps_to_the_rules(workflow, rule):
    assert rule(workflow, read(workflow)) == []


@pytest.mark.parametrize("rule", rules.FOR_ACTIONS, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_of_ours_keeps_to_the_rules(action, rule):
    assert rule(action, read(action)) == []


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_a_good_workflow_is_let_through(rule):
    assert rule("good.yml", GOOD) == []


@pytest.mark.parametrize(("rule", "part", "instead"), BAD)
def test_a_bad_workflow_is_refused(rule, part, instead):
    assert GOOD.count(part) == 1
    bad = GOOD.replace(part, instead)
    assert yaml.safe_load(bad)
    assert rule("bad.yml", bad)


@pytest.mark.parametrize("part", ["ref: ${{ github.event.workflow_run.head_sha }}", "ref: ${{ github.head_ref }}"])
def test_a_workflow_with_main_s_rights_checks_out_nothing_of_who_started_it(part):
    with_rights = GOOD.replace("on: pull_request\n", "on:\n  workflow_run:\n    workflows: [ci]\n")
    assert rules.foreign_code_has_no_rights("good.yml", with_rights) == []
    bad = with_rights.replace("persist-credentials: false\n", f"persist-credentials: false\n          {part}\n")
    assert rules.foreign_code_has_no_rights("bad.yml", bad)


def test_a_composite_action_is_looked_into():
    bad = "runs:\n  using: composite\n  steps:\n    - run: echo ${{ inputs.x }}\n      shell: bash\n"
    assert rules.nothing_is_pasted_into_a_script("action.yml", bad)


@pytest.mark.parametrize("name", [*WORKFLOWS, *ACTIONS])
def test_no_workflow_names_a_use_case(name):
    assert [case for case in use_case_names(PROJECT) if re.search(rf"\b{re.escape(case)}\b", read(name))] == []


def test_an_action_has_the_same_commit_everywhere():
    """Where Dependabot moves one and not the other, somebody should look."""
    used = {
        line for name in [*WORKFLOWS, *ACTIONS] for line in re.findall(r"uses: ([\w.-]+/\S+@\S+ # \S+)", read(name))
    }
    releases: dict[str, set[str]] = {}
    for line in used:
        repository = "/".join(re.split(r"[/@]", line)[:2])
        releases.setdefault(repository, set()).add(line.partition("@")[2])
    assert {repository: found for repository, found in releases.items() if len(found) > 1} == {}


def test_every_place_that_has_an_owner_is_there():
    places = re.findall(r"^/(\S+)", read(".github/CODEOWNERS"), re.MULTILINE)
    assert places
    assert [place for place in places if not (PROJECT / place).exists()] == []


def test_dependabot_looks_where_there_is_something_to_see():
    updates = {entry["package-ecosystem"]: entry for entry in yaml.safe_load(read(".github/dependabot.yml"))["updates"]}
    lists = {
        f"/{name.rpartition('/')[0]}"
        for name in own_files()
        if re.fullmatch(r"(\w+/)?requirements\.txt|requirements/.+\.txt", name)
    }
    assert set(updates["pip"]["directories"]) == lists
    assert set(updates["github-actions"]["directories"]) == {"/", "/.github/actions/*"}
    assert all("/" not in action.removeprefix(".github/actions/").removesuffix("/action.yml") for action in ACTIONS)
    assert all(entry["cooldown"]["default-days"] >= 7 for entry in updates.values())
