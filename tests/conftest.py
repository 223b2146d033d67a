import functools
import os
import signal
import subprocess

import pytest

ASKED = {
    "engine": ["docker", "version"],
    "cluster": ["kubectl", "version"],
    "policy": ["kube-score", "version"],
    "prometheus": ["promtool", "--version"],
    "browser": [os.environ.get("SLIPWAY_CHROMIUM", "chromium"), "--version"],
}


@pytest.fixture(autouse=True, scope="session")
def _ctrl_c_reaches_what_we_start() -> None:
    """A shell starts background jobs with Ctrl-C ignored, and programs hand that on to their children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """What needs something that a machine may lack is skipped without it; in CI, where it must be there, it fails."""
    for marker, command in ASKED.items():
        missing = item.get_closest_marker(marker) and _missing(*command)
        if missing and os.environ.get("CI") == "true":
            pytest.fail(f"no {marker}: {missing}", pytrace=False)
        if missing:
            pytest.skip(f"no {marker}: {missing}")


@functools.cache
def _missing(*command: str) -> str:
    """Why a command does not answer; nothing where it does."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else done.stderr.strip() or f"{command[0]} failed"
