"""Memory is flat, whatever mixture of requests comes."""

import json
from pathlib import Path

from tests.fuzz import raw
from tests.fuzz.budget import SEED
from tests.fuzz.raw import Target, answers, receive, request, send
from tests.support.bundles import CHURN, write_bundle

GROWTH = 4 << 20
ROUNDS = 80 if SEED is None else 1_000
ROW = json.dumps(CHURN.examples[0])
MIXTURE = [
    *[request(ROW.encode())] * 20,
    *[request(json.dumps({"rows": CHURN.examples * 40}).encode())] * 4,
    request(json.dumps({"rows": CHURN.examples * 100}).encode()),
    *[request(b'{"tenure": "x", "more": 1}')] * 10,
    *[request(b"{")] * 5,
    request(ROW.encode(), path="/explain"),
    request(json.dumps({"instances": [CHURN.examples[0]]}).encode(), path="/invocations"),
    request(b'{"request_id": "x", "outcome": 1}', path="/feedback"),
    *[
        request(b"", method="GET", path=path)
        for path in ("/metrics", "/model-info", "/openapi.json", "/nothing", "/v2")
    ],
    request(ROW.encode(), "connection: close"),
]


def ask_everything(endpoint: Target) -> list[int]:
    """The mixture once, over one connection."""
    with endpoint.connect() as connection:
        send(connection, b"".join(MIXTURE))
        return [answer.status for answer in answers(receive(connection))]


def test_memory_is_flat_over_many_requests_of_every_kind(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    with raw.target(bundle, "--log-to", str(tmp_path / "log")) as endpoint:
        expected = [ask_everything(endpoint) for _ in range(40)][-1]
        assert len(expected) == len(MIXTURE)
        before = endpoint.memory()
        for _ in range(ROUNDS):
            assert ask_everything(endpoint) == expected
        assert endpoint.memory() - before < GROWTH
