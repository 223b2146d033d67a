import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from slipway.adapters.endpoint import LocalEndpoint
from slipway.core.errors import BundleInvalid, EndpointFailed
from tests.support.bundles import write_bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle")


def process_of(endpoint: LocalEndpoint) -> "subprocess.Popen[bytes]":
    assert endpoint._process is not None
    return endpoint._process


def test_its_process_is_gone_after_the_block_even_when_the_block_fails(bundle: Path) -> None:
    endpoint = LocalEndpoint(bundle)
    with endpoint:
        first = process_of(endpoint)
    assert first.returncode == 0
    seen = []

    def fail_within() -> None:
        with endpoint:
            seen.append(process_of(endpoint))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_within()
    assert seen[0].returncode == 0


def test_a_changed_bundle_is_told_with_the_file(bundle: Path) -> None:
    (bundle / "signature.json").write_text("{}")
    with pytest.raises(BundleInvalid, match=r"signature\.json: is not the file"), LocalEndpoint(bundle):
        pass


def test_a_taken_port_is_told(bundle: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EndpointFailed, match=f"cannot listen on port {port}"), LocalEndpoint(bundle, port=port):
            pass


def test_it_is_stopped_when_it_is_not_ready_in_time(bundle: Path) -> None:
    endpoint = LocalEndpoint(bundle, patience=0.0)
    with pytest.raises(EndpointFailed, match="not ready within 0 seconds"), endpoint:
        pass
    assert endpoint._process is None


def test_an_endpoint_that_dies_ends_the_wait_with_its_exit_code(bundle: Path) -> None:
    with LocalEndpoint(bundle) as endpoint:
        os.kill(process_of(endpoint).pid, signal.SIGKILL)
        with pytest.raises(EndpointFailed, match="ended by itself with exit code -9"):
            endpoint.wait()


def test_it_answers_with_the_version_it_was_given(bundle: Path) -> None:
    with LocalEndpoint(bundle, model_version="17") as endpoint:
        row = '{"tenure": 1, "total charges": null, "contract": "Two year"}'
        assert '"version":"17"' in endpoint.post("/predict", row)


def test_it_does_not_outlive_a_starter_that_is_killed(bundle: Path) -> None:
    starter = """
import sys
from pathlib import Path
from slipway.adapters.endpoint import LocalEndpoint
with LocalEndpoint(Path(sys.argv[1])) as endpoint:
    print(endpoint._process.pid, flush=True)
    sys.stdin.read()
"""
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", starter, str(bundle)], stdin=pipe, stdout=pipe)
    assert process.stdout is not None
    handle = os.pidfd_open(int(process.stdout.readline()))
    process.kill()
    process.communicate()
    assert _ends(handle, seconds=30)


def _ends(handle: int, seconds: float) -> bool:
    import select

    ended, _, _ = select.select([handle], [], [], seconds)
    os.close(handle)
    return bool(ended)
