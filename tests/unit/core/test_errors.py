import re
from pathlib import Path

from slipway.core import errors
from slipway.core.errors import SlipwayError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SlipwayError)]


def test_every_kind_of_failure_has_an_exit_code_of_its_own() -> None:
    codes = [kind.exit_code for kind in KINDS]
    assert len(set(codes)) == len(codes)


def test_the_tree_in_the_docstring_is_the_tree_in_the_code() -> None:
    drawn = {name: int(code) for name, code in re.findall(r"(\w+)\s+(\d+)  ", str(errors.__doc__))}
    assert drawn == {kind.__name__: kind.exit_code for kind in KINDS}


def test_every_kind_of_failure_is_in_the_document_of_errors() -> None:
    text = (Path(__file__).parents[3] / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| \S.* \| \S.* \| \S.* \|$", text, re.MULTILINE)
    assert rows == [(str(kind.exit_code), kind.__name__) for kind in KINDS]


def test_a_failure_tells_what_why_and_what_next() -> None:
    told = str(SlipwayError("it broke", cause="a reason", next_step="a step"))
    assert told == "it broke\n  likely cause: a reason\n  next step: a step"
