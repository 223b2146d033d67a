"""What /openapi.json says is held to by a fuzzer made for OpenAPI, with all its checks."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.access import keys
from tests.fuzz.budget import SEED
from tests.support.bundles import CHURN, COMPARABLES, HOMES, PLACES, model_bytes, outlook, write_bundle
from tests.support.endpoints import serving

CONFIG = Path(__file__).with_name("schemathesis.toml")
LENIENT = HOMES.model_copy(update={"out_of_range": "warn"})
WEIGHT = 0.001  # so that the model gives a finite number for every number there is
PATIENCE = 900
FIXED = "4"


ENDPOINTS = {  # those after the third are for those who have minutes
    "classifier with keys": (CHURN, True),
    "open regressor that warns": (LENIENT, False),
    "open regressor with all that is told beside predictions": (PLACES, False),
    "open classifier": (CHURN, False),
    "regressor that warns, with keys": (LENIENT, True),
}
TRIED = list(ENDPOINTS)[: 3 if SEED is None else None]


@pytest.fixture(params=TRIED)
def asked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[str]]:
    """Address of an endpoint, and the options with which the fuzzer is let in."""
    signature, locked = ENDPOINTS[request.param]
    beside = {"comparables": COMPARABLES, "outlook": outlook()} if signature is PLACES else {}
    bundle = write_bundle(tmp_path / "bundle", signature, model_bytes(signature, WEIGHT), **beside)
    key, line = keys.new("fuzzer")
    (tmp_path / "keys").write_text(line)
    options = ["--keys", str(tmp_path / "keys"), "--wrong-key-rate", "0"] if locked else []
    with serving(bundle, "--log-to", str(tmp_path / "log"), *options) as address:
        yield [f"http://{address}", *([f"--header=Authorization: Bearer {key}"] if locked else [])]


def test_every_answer_is_one_that_openapi_tells(asked: list[str], tmp_path: Path) -> None:
    url, *header = asked
    bounds = ["--max-examples=400", "--max-time=60"] if SEED else ["--max-examples=8"]
    fuzzer = [sys.executable, "-m", "schemathesis.cli", f"--config-file={CONFIG}", "run", f"{url}/openapi.json"]
    done = subprocess.run(
        [*fuzzer, f"--seed={SEED or FIXED}", "--no-color", *bounds, *header],
        capture_output=True, text=True, cwd=tmp_path, timeout=PATIENCE, check=False, env=os.environ | {"ENDPOINT": url},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
