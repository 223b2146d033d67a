"""What /openapi.json says is held to by a fuzzer made for OpenAPI, with all its checks."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.access import keys
from slipway.core.signature import Signature
from tests.support.bundles import CHURN, HOMES, write_bundle
from tests.support.endpoints import serving

CONFIG = Path(__file__).with_name("schemathesis.toml")
LENIENT = HOMES.model_copy(update={"out_of_range": "warn"})
PATIENCE = 900


@pytest.fixture(params=[CHURN, LENIENT], ids=["classifier", "regressor that warns"])
def signature(request: pytest.FixtureRequest) -> Signature:
    asked: Signature = request.param
    return asked


@pytest.fixture(params=["open", "with keys"])
def asked(request: pytest.FixtureRequest, signature: Signature, tmp_path: Path) -> Iterator[list[str]]:
    """Address of an endpoint, and the options with which the fuzzer is let in."""
    bundle = write_bundle(tmp_path / "bundle", signature)
    key, line = keys.new("fuzzer")
    (tmp_path / "keys").write_text(line)
    options, header = (["--keys", str(tmp_path / "keys")], [f"--header=Authorization: Bearer {key}"])
    if request.param == "open":
        options, header = [], []
    with serving(bundle, "--log-to", str(tmp_path / "log"), *options) as address:
        yield [f"http://{address}", *header]


def test_every_answer_is_one_that_openapi_tells(asked: list[str], tmp_path: Path, long: bool, seed: str) -> None:
    url, *header = asked
    bounds = ["--max-examples=400", "--max-time=120"] if long else ["--max-examples=8"]
    fuzzer = [sys.executable, "-m", "schemathesis.cli", f"--config-file={CONFIG}", "run", f"{url}/openapi.json"]
    done = subprocess.run(
        [*fuzzer, f"--seed={seed}", "--no-color", *bounds, *header],
        capture_output=True, text=True, cwd=tmp_path, timeout=PATIENCE, check=False, env=os.environ | {"ENDPOINT": url},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
