"""scripts/lint.py finds what each of its tools is there for, and runs none that has nothing to look at."""

import secrets
import string
import subprocess

import pytest

from scripts.lint import checks, main, own_files, run

SHA = "3d3c42e5aac5ba805825da76410c181273ba90b1"
WORKFLOW = f"""\
name: sample
on:
  push:
    branches: [main]
permissions: {{}}
concurrency:
  group: sample
  cancel-in-progress: false
jobs:
  one:
    name: one
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@{SHA} # v7.0.1
        with:
          persist-credentials: false
      - run: echo "$HOME"
"""
ACTION = "name: a\ndescription: a\nruns:\n  using: composite\n  steps:\n    - run: 'true'\n      shell: bash\n"
DEPENDABOT = """\
version: 2
updates:
  - package-ecosystem: docker
    directory: /
    schedule:
      interval: weekly
    cooldown:
      default-days: 7
"""
GOOD = {
    ".github/workflows/sample.yml": WORKFLOW,
    ".github/actions/a/action.yml": ACTION,
    ".github/dependabot.yml": DEPENDABOT,
    "Dockerfile.sample": "FROM python:3.11-slim\nUSER 1\n",
    "scripts/run": '#!/usr/bin/env bash\necho "$1"\n',
    "notes.txt": "nothing to see\n",
}


def project(folder, **instead):
    for name, text in {**GOOD, **instead}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


def test_a_good_project_passes_in_silence(tmp_path, capsys):
    assert main(project(tmp_path)) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "text", "tool"),
    [
        (".github/workflows/sample.yml", WORKFLOW.replace("ubuntu-latest", "ubuntu-of-old"), "actionlint"),
        (".github/workflows/sample.yml", WORKFLOW.replace('"$HOME"', "$(ls $HOME)"), "actionlint"),  # by shellcheck
        (".github/workflows/sample.yml", WORKFLOW.replace("permissions: {}\n", ""), "zizmor"),
        (".github/workflows/sample.yml", WORKFLOW.replace("jobs:", "tasks:"), "check-jsonschema"),
        (".github/actions/a/action.yml", ACTION.replace("description: a\n", ""), "check-jsonschema"),
        (".github/dependabot.yml", DEPENDABOT.replace("weekly", "hourly"), "check-jsonschema"),
        (".github/dependabot.yml", DEPENDABOT.partition("    cooldown")[0], "zizmor"),
        ("Dockerfile.sample", "FROM python:latest\n", "hadolint"),
        ("scripts/run", "#!/usr/bin/env bash\necho $1\n", "shellcheck"),
    ],
)
def test_what_is_wrong_is_told_with_the_tool_that_found_it(tmp_path, name, text, tool):
    project(tmp_path, **{name: text})
    said = [run(command, tmp_path) for command in checks(tmp_path, own_files(tmp_path)) if command[0] == tool]
    assert [text for text in said if text.startswith(f"{tool} (exit code")]


def test_a_secret_is_found_in_any_file_and_not_shown(tmp_path, capsys):
    token = "ghp_" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(36))
    assert main(project(tmp_path, **{"notes.txt": f'token = "{token}"\n'})) == 1
    told = capsys.readouterr().out
    assert "kingfisher (exit code" in told
    assert "notes.txt" in told
    assert token not in told


def test_a_project_without_workflows_needs_none_of_their_tools(tmp_path):
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    assert list(checks(tmp_path, own_files(tmp_path))) == []
    (tmp_path / "notes.txt").write_text("nothing\n")
    assert [command[0] for command in checks(tmp_path, own_files(tmp_path))] == ["kingfisher"]
    assert main(tmp_path) == 0


def test_what_git_ignores_is_not_looked_at(tmp_path):
    project(tmp_path, **{".gitignore": "scripts/\n", "scripts/run": "#!/bin/sh\necho $1\n"})
    assert main(tmp_path) == 0
