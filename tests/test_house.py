"""The house is in order: requirements are pinned and hashed, rooms stay pure, commands stay light, scripts start."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.support.documents import PROJECT, own_files, read

REQUIREMENTS = (
    "requirements/run.txt",
    "requirements/monitor.txt",
    "requirements/dev.txt",
    "requirements/uv.txt",
    "serving/requirements.txt",
)
OUTSIDE = {
    "os",
    "subprocess",
    "socket",
    "shutil",
    "tempfile",
    "urllib",
    "http",
    "requests",
    "ctypes",
    "multiprocessing",
}
HEAVY = {"pandas", "numpy", "mlflow", "dvc", "great_expectations", "sklearn", "lightgbm", "onnx", "onnxruntime"}
LAYERS = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]["layers"]
PURE_ROOMS = next(layer for layer in LAYERS if "slipway.data" in layer).replace("slipway.", "").split(" | ")
MODULES = sorted(name for name in own_files() if re.match(r"(src|serving|scripts)/.*\.py$", name))


def entries(requirements: str) -> dict[str, list[str]]:
    """Requirement line to its hashes; a package may have a line for each environment marker."""
    found: dict[str, list[str]] = {}
    for line in read(requirements).splitlines():
        if line and not line.startswith((" ", "#")):
            found[line.rstrip(" \\")] = current = []
        elif "--hash=" in line:
            current.append(line.strip(" \\"))
    return found


def pins(requirements: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries(requirements):
        name, _, version = entry.partition(";")[0].strip().partition("==")
        found.setdefault(name.partition("[")[0], set()).add(version)
    return found


@pytest.mark.parametrize("requirements", REQUIREMENTS)
def test_every_requirement_is_pinned_and_hashed(requirements):
    loose = [
        entry
        for entry, hashes in entries(requirements).items()
        if "==" not in entry or not hashes or not all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", h) for h in hashes)
    ]
    assert entries(requirements)
    assert not loose


@pytest.mark.parametrize("requirements", [*REQUIREMENTS, "serving/requirements.in", "pyproject.toml"])
def test_no_requirement_names_an_index_or_an_address(requirements):
    assert not re.search(r"index|find-links|://|file:| @ ", re.sub(r"(?m)#.*$", "", read(requirements)))


def test_every_package_of_ours_has_its_place_among_the_layers():
    placed = {name for layer in LAYERS for name in layer.split(" | ")}
    packages = {f"slipway.{path.parent.name}" for path in (PROJECT / "src" / "slipway").glob("*/__init__.py")}
    modules = {f"slipway.{path.stem}" for path in (PROJECT / "src" / "slipway").glob("*.py")} - {"slipway.__init__"}
    assert placed == packages | modules | {"use_cases"}


def test_no_lock_file_with_index_addresses_is_kept():
    assert not [
        name for name in own_files() if Path(name).name in {"uv.lock", "pip.conf", ".netrc", ".pypirc", "uv.toml"}
    ]


def test_all_groups_agree_on_versions():
    everything = pins("requirements/dev.txt")
    for requirements in ("requirements/run.txt", "requirements/monitor.txt", "serving/requirements.txt"):
        assert {n: v for n, v in pins(requirements).items() if everything.get(n) != v} == {}


def test_the_editable_install_finds_its_build_backend_in_every_group():
    """scripts/bootstrap installs the project without build isolation, from the group it has just installed."""
    backends = tomllib.loads(read("pyproject.toml"))["build-system"]["requires"]
    for requirements in ("requirements/run.txt", "requirements/monitor.txt", "requirements/dev.txt"):
        assert set(backends) <= set(pins(requirements)), requirements


def test_serving_imports_only_what_its_own_requirements_bring():
    brought = {name.replace("-", "_") for name in pins("serving/requirements.txt")}
    foreign = imported([name for name in MODULES if name.startswith("serving/")]) - sys.stdlib_module_names
    assert foreign - {"serving"} <= brought | {"opentelemetry"}  # a namespace of several distributions
    assert "opentelemetry_sdk" in brought


@pytest.mark.parametrize("room", PURE_ROOMS)
def test_a_pure_room_touches_neither_files_nor_network_nor_environment(room):
    modules = [name for name in MODULES if name.startswith(f"src/slipway/{room}/")]
    assert modules
    assert not imported(modules) & OUTSIDE
    assert not imported(modules, depth=2) & {"slipway.workspace", "slipway.ports", "slipway.settings"}
    assert not [
        name
        for name in modules
        if calls(name) & {"open", "read_parquet", "to_parquet", "write_text", "write_bytes", "unlink"}
    ]


def test_only_settings_and_wiring_read_the_environment():
    """An adapter may set what its library reads there, such as that it sends nothing home."""
    allowed = {"src/slipway/settings.py", "src/slipway/wiring.py"}
    reading = re.compile(r"os\.environ(?!\.setdefault\(|\[\S+\] = )|getenv")
    assert {name for name in MODULES if name.startswith("src/") and reading.search(read(name))} <= allowed


def test_a_stage_imports_no_adapter_even_inside_a_function():
    modules = [name for name in MODULES if name.startswith("src/slipway/stages/")]
    assert not {name for name in imported(modules, depth=2) if name == "slipway.adapters"}


@pytest.mark.parametrize("arguments", [["--help"], ["plan", "--help"], ["run", "--help"]])
def test_asking_for_help_imports_nothing_heavy(arguments):
    program = (
        "import atexit, sys\n"
        f"atexit.register(lambda: sys.stderr.write(','.join(sorted({HEAVY!r} & set(sys.modules)))))\n"
        "from slipway.cli import main\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is_for(module):
    assert ast.get_docstring(ast.parse(read(module)))


def test_every_make_target_has_a_description_and_is_phony():
    makefile = read("Makefile")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout
    described = {line.split()[0] for line in listed.splitlines() if len(line.split()) > 1}
    assert targets == described == set(re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE))


def test_what_make_calls_is_there():
    called = re.findall(r"\b((?:scripts|tests)/[\w./-]+)", read("Makefile"))
    assert called
    assert [name for name in called if not (PROJECT / name).exists()] == []


def test_commits_are_checked_by_the_commands_of_make_check():
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", read("Makefile"), re.MULTILINE)
    commands = [line.strip("\t@").replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]
    repos = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    hooks = [hook for repo in repos for hook in repo["hooks"]]
    assert [repo["repo"] for repo in repos] == ["local"]
    assert [hook["entry"] for hook in hooks] == commands
    assert {(hook["language"], hook["pass_filenames"]) for hook in hooks} == {("system", False)}


def test_scripts_with_a_first_line_can_be_started_and_no_other_file_can():
    names = [name for name in own_files() if not name.startswith("data/")]
    executable = {name for name in names if (PROJECT / name).stat().st_mode & 0o111}
    assert executable == {name for name in names if (PROJECT / name).read_bytes().startswith(b"#!")}


def test_shell_scripts_stop_at_the_first_failure():
    shell = [name for name in own_files() if re.match(r"#!.*\b(ba)?sh\b", first_line(name))]
    assert {"scripts/bootstrap", "scripts/compile-requirements"} <= set(shell)
    assert [name for name in shell if "set -euo pipefail" not in read(name)] == []


def test_forms_for_issues_have_what_github_asks_of_them():
    for name in ("bug.yml", "feature.yml"):
        form = yaml.safe_load(read(f".github/ISSUE_TEMPLATE/{name}"))
        assert {"name", "description", "body"} <= set(form)
        ids = [field["id"] for field in form["body"]]
        assert len(ids) == len(set(ids))
        assert all(field["attributes"]["label"] for field in form["body"])


def test_the_version_in_the_changelog_is_the_project_s():
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert re.search(r"^## \[(.+?)\]", read("CHANGELOG.md"), re.MULTILINE)[1] == version


def test_the_licence_is_the_one_the_project_declares():
    assert tomllib.loads(read("pyproject.toml"))["project"]["license"] == "Apache-2.0"
    assert "Apache License" in read("LICENSE")
    assert "Copyright 2026 The Slipway authors" in read("LICENSE")


def imported(modules: list[str], depth: int = 1) -> set[str]:
    """Names of what modules import, functions included, cut to their first parts."""
    nodes = [node for name in modules for node in ast.walk(ast.parse(read(name)))]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [
        f"{node.module}.{alias.name}" for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
    ]
    return {".".join(name.split(".")[:depth]) for name in names}


def calls(module: str) -> set[str]:
    """Names of the functions and methods that a module calls."""
    functions = [node.func for node in ast.walk(ast.parse(read(module))) if isinstance(node, ast.Call)]
    return {
        f.attr if isinstance(f, ast.Attribute) else f.id for f in functions if isinstance(f, ast.Attribute | ast.Name)
    }


def first_line(name: str) -> str:
    with (PROJECT / name).open("rb") as file:
        return file.readline().decode(errors="replace")
