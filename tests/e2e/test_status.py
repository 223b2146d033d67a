"""What serves where, asked where there is no cluster."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import refused, succeeded
from tests.support.documents import PROJECT
from tests.support.workspace import slipway

NO_CLUSTER = {"KUBECONFIG": ""}


@pytest.fixture
def prepared(fresh: Path) -> Path:
    shutil.copytree(PROJECT / "deploy", fresh / "deploy")
    return fresh


def test_without_a_cluster_status_tells_of_the_registry_and_a_repair_says_what_it_lacks(prepared: Path) -> None:
    said = succeeded(slipway(prepared, "status", env=NO_CLUSTER))
    assert "none" in next(line for line in said.splitlines() if line.startswith("tiny"))
    assert "KUBECONFIG is not set, so no environment was looked at" in said
    refused(slipway(prepared, "reconcile", "tiny", env=NO_CLUSTER), 65, "KUBECONFIG is not set")
    refused(slipway(prepared, "reconcile", "tiny", "--env", "nowhere", env=NO_CLUSTER), 10, "staging")


def test_a_silent_cluster_is_named_within_seconds(prepared: Path) -> None:
    silent = {"KUBECONFIG": str(prepared / "no-such-file")}
    said = succeeded(slipway(prepared, "status", env=silent, timeout=60))
    assert "staging does not answer: no cluster answers" in said
