"""What documents say is so: commands exist, links lead somewhere, Python runs, exit codes are right."""

import re
import tomllib
from dataclasses import replace
from importlib.metadata import entry_points

import pytest
import typer

from serving import __main__ as serving
from slipway.cli.app import app
from slipway.cli.commands import COMMANDS  # noqa: F401 - they are commands by being imported
from slipway.core import errors
from slipway.evaluation.gates import GATES
from slipway.evaluation.judge import judge
from tests.support.documents import PROJECT, Code, codes, documents, headings, links, own_files, read

DOCUMENTS = documents()
SHELL = {"sh", "shell", "console", "bash"}
EXIT_CODES = {kind.__name__: kind.exit_code for kind in vars(errors).values() if isinstance(kind, type)}
ENDPOINT_CODES = {0, 2, serving.BUNDLE_INVALID, serving.PORT_TAKEN, serving.KEYS_UNUSABLE, serving.LOG_UNUSABLE}
ENDPOINT_DOCUMENTS = {"docs/serving.md", "docs/image.md"}


def all_codes() -> list[Code]:
    return [code for document in DOCUMENTS for code in codes(document)]


def named(program: str) -> list[tuple[str, str]]:
    """(document, first word after the program) wherever a document shows a command."""
    command = re.compile(rf"^(?:\$ )?(?:\w+=\S+ )*(?:\.venv/bin/)?{program} ([a-z][a-z0-9-]*)", re.MULTILINE)
    return [(code.document, word) for code in all_codes() for word in command.findall(code.text)]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+):", read("Makefile"), re.MULTILINE))


def cli_commands() -> set[str]:
    return set(typer.main.get_command(app).commands)


def test_every_slipway_command_that_is_shown_exists():
    unknown = [(document, word) for document, word in named("slipway") if word not in cli_commands()]
    assert not unknown


def test_every_make_target_that_is_shown_exists():
    unknown = [(document, word) for document, word in named("make") if word not in make_targets()]
    assert not unknown


def test_every_command_and_every_target_is_told_somewhere():
    told = {word for program in ("slipway", "make") for _, word in named(program)}
    assert cli_commands() | make_targets() - {"help"} <= told


def test_every_program_in_a_shell_block_is_one_that_the_setup_brings():
    ours = {script.name for script in entry_points(group="console_scripts")}
    known = ours | {"git", "make", "curl", "cd", "mkdir", "export", "python", ".", "docker", "kubectl"}
    lines = [
        (code.document, line.removeprefix("$ ").removeprefix(".venv/bin/"))
        for code in all_codes()
        if code.language in SHELL
        for line in code.text.splitlines()
        if re.match(r"(\$ )?\.?[a-z]", line) and not (code.language == "console" and not line.startswith("$ "))
    ]
    unknown = [(document, line) for document, line in lines if line.split()[0] not in known and not _is_ours(line)]
    assert not unknown


def _is_ours(line: str) -> bool:
    return "=" in line.split(maxsplit=1)[0] or (PROJECT / line.split(maxsplit=1)[0]).is_file()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_inside_the_project_leads_somewhere(document):
    here = (PROJECT / document).parent
    for link in links(document):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        path = (here / target).resolve() if target else PROJECT / document
        assert path.exists(), f"{document} links to {link}"
        if anchor and path.suffix == ".md":
            assert anchor in headings(str(path.relative_to(PROJECT))), f"{document} links to {link}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_of_ours_that_is_named_is_there(document):
    """Not what is made by running, nor what an example invents."""
    pattern = re.compile(r"(?:src|serving|tests|scripts|requirements|docs|\.github)/[\w./-]*\w/?")
    mentioned = [text for code in codes(document) for text in pattern.findall(code.text) if code.text.startswith(text)]
    gone = [path for path in mentioned if not (PROJECT / path).exists() and not _is_invented(path)]
    assert not gone


def _is_invented(path: str) -> bool:
    """Examples of what a reader will make: a use case that is not here, a file called NAME."""
    use_case = re.match(r"(?:src|tests)/use_cases/([\w-]+)", path)
    return "NAME" in path or (use_case is not None and not (PROJECT / "src" / "use_cases" / use_case[1]).exists())


def test_every_document_that_the_program_names_is_there():
    names = [name for name in own_files() if name.startswith(("src/", "serving/", "scripts/", "params", "dvc", "Make"))]
    told = {path for name in names for path in re.findall(r"\bdocs/[\w-]+\.md", _text(name))}
    assert told
    assert [path for path in sorted(told) if not (PROJECT / path).is_file()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_python_in_documents_runs(document, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for code in codes(document):
        if code.language == "python":
            compiled = compile(code.text, document, "exec")
            if code.text.startswith(("import ", "from ")):
                exec(compiled, {"__name__": "example"})  # noqa: S102 - our own examples


def test_the_gate_that_contributing_shows_gates():
    from tests.unit.evaluation.cases import CLASSIFICATION_GATES, classified

    [example] = [code.text for code in codes("CONTRIBUTING.md") if code.language == "python"]
    namespace: dict[str, object] = {"__name__": "example"}
    exec(example, namespace)  # noqa: S102 - our own example
    gates = (*GATES, namespace["BLUNDERS"])
    judged = judge(classified(), CLASSIFICATION_GATES, gates)
    assert "blunders" in {result.gate for result in judged.gates}
    lax = replace(namespace["BLUNDERS"], ask=lambda hearing, params: GATES[0].ask(hearing, params)[:0])
    with pytest.raises(errors.GatesDoNotGate):
        judge(classified(), CLASSIFICATION_GATES, (*GATES, lax))


def test_the_table_of_exit_codes_is_that_of_the_errors():
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| (.+) \|$", read("docs/architecture.md"), re.MULTILINE)
    drawn = re.findall(r"(\w+) +(\d+)   (.+)", errors.__doc__ or "")
    assert rows == [(code, name, meaning) for name, code, meaning in drawn]
    assert {name: int(code) for code, name, _ in rows} == {
        name: code for name, code in EXIT_CODES.items() if issubclass(getattr(errors, name), errors.SlipwayError)
    }


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_exit_code_that_is_named_is_one(document):
    known = {0, 2, *EXIT_CODES.values()} | (ENDPOINT_CODES if document in ENDPOINT_DOCUMENTS else set())
    text = " ".join(read(document).split())
    told = re.findall(r"(?:exit codes?|with code) (\d+)", text, re.IGNORECASE)
    assert {int(code) for code in told} <= known


def test_an_exit_code_that_is_named_beside_a_class_is_that_class_s():
    for document in DOCUMENTS:
        for name, code in re.findall(r"`(\w+)` \((\d+)\)", read(document)):
            assert EXIT_CODES.get(name, int(code)) == int(code), document


def test_the_layers_shown_are_those_that_are_enforced():
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    enforced = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    shown = [code.text.splitlines() for code in codes("docs/architecture.md") if code.language == "text"]
    assert shown == enforced


def test_every_room_is_in_the_architecture():
    rooms = {path.parent.name for path in (PROJECT / "src" / "slipway").glob("*/__init__.py")}
    modules = {path.name for path in (PROJECT / "src" / "slipway").glob("*.py") if path.name != "__init__.py"}
    told = read("docs/architecture.md")
    assert [name for name in sorted(rooms) if f"`{name}/`" not in told] == []
    assert [name for name in sorted(modules) if f"`{name}`" not in told] == []


def test_every_setting_is_in_the_architecture():
    read_there = re.findall(r'environment\.get\("(\w+)"\)', read("src/slipway/settings.py"))
    assert read_there
    assert [name for name in read_there if f"`{name}`" not in read("docs/architecture.md")] == []


def test_every_document_is_in_the_index():
    listed = set(links("docs/README.md"))
    assert {name.removeprefix("docs/") for name in DOCUMENTS if name.startswith("docs/")} - {"README.md"} <= listed


def test_every_direct_dependency_is_explained():
    groups = tomllib.loads(read("pyproject.toml"))["dependency-groups"]
    asked = [entry for group in groups.values() for entry in group if isinstance(entry, str)]
    asked += [line for line in read("serving/requirements.in").splitlines() if line and not line.startswith("#")]
    names = {re.split(r"[<>=\[ ]", entry)[0] for entry in asked}
    explained = set(re.findall(r"[\w-]+", read("docs/dependencies.md")))
    assert names <= explained


def test_no_document_is_left_unfinished():
    unfinished = re.compile(r"\bTO" + r"DO\b|\bFIX" + r"ME\b|<!-- [A-Z]+ -->|^(<{7}|>{7}) ", re.MULTILINE)
    names = [name for name in own_files() if not name.startswith("data/remote/")]
    assert [name for name in names if unfinished.search(_text(name))] == []
    assert [name for name in DOCUMENTS if re.search(r"\bOUTPUT_[A-Z]+\b", read(name))] == []


def test_no_file_holds_a_path_of_one_machine():
    machine = re.compile(r"(?<![\w.])/(?:home|Users|work|root|tmp)/\w")
    names = [name for name in own_files() if not name.startswith("data/remote/")]
    assert [name for name in names if machine.search(_text(name))] == []


def _text(name: str) -> str:
    return (PROJECT / name).read_bytes().decode(errors="replace")
