"""Traces, sent to a collector that stands in for OpenTelemetry's."""

import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.serving.test_workers import running
from tests.support.bundles import CHURN

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Collector(HTTPServer):
    """Keeps what is exported to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.received: list[ExportTraceServiceRequest] = []


class Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def post(address: str, **headers: str) -> None:
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request(
        "POST", "/predict", json.dumps(CHURN.examples[0]), {"content-type": "application/json"} | headers
    )
    assert connection.getresponse().read()
    connection.close()


def test_a_request_continues_its_callers_trace(
    folder: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
    with running(folder) as (process, address):
        post(address, traceparent=f"00-{TRACE}-{PARENT}-01")
        post(address)
        process.terminate()
        assert process.wait(30) == 0
    resources = [sent for request in collector.received for sent in request.resource_spans]
    spans = [span for sent in resources for scope in sent.scope_spans for span in scope.spans]
    assert [span.name for span in spans] == ["predict", "predict"]
    assert (spans[0].trace_id.hex(), spans[0].parent_span_id.hex()) == (TRACE, PARENT)
    assert spans[1].trace_id.hex() != TRACE
    assert spans[0].end_time_unix_nano > spans[0].start_time_unix_nano
    told = {attribute.key: attribute.value.string_value for attribute in resources[0].resource.attributes}
    assert told["service.name"] == "churn"


def test_without_an_endpoint_for_traces_nothing_of_it_is_imported(folder: Path) -> None:
    code = """
import sys
from pathlib import Path
from serving.endpoint import create_app
from serving.bundle.loading import load
create_app(load(Path(sys.argv[1])))
print([name for name in sys.modules if name.startswith("opentelemetry.sdk")])
"""
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
