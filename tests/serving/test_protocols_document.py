"""docs/protocols.md: its examples run."""

from pathlib import Path

import pytest

from tests.support.bundles import write_bundle
from tests.support.documents import codes
from tests.support.endpoints import serving

EXAMPLES = [code.text for code in codes("docs/protocols.md") if code.language == "python"]


@pytest.mark.parametrize("example", EXAMPLES, ids=["mlflow", "triton"])
def test_the_example_of_each_protocol_runs(example: str, tmp_path: Path) -> None:
    with serving(write_bundle(tmp_path / "bundle")) as address:
        exec(example, {"address": address})  # noqa: S102 - it is ours
