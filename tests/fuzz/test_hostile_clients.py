"""What clients get that speak HTTP or JSON badly, slowly, or too much: an answer or an end, and nobody else suffers."""

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.fuzz import raw
from tests.fuzz.raw import Target, answers, chunked, receive, request, send
from tests.support.bundles import CHURN, write_bundle

MOST_BYTES = 200_000
MOST_CONNECTIONS = 40
SECONDS = 1
ROW = json.dumps(CHURN.examples[0]).encode()
GOOD = request(ROW)
LAST = request(ROW, "connection: close")
GROWTH = 8 << 20


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """An endpoint with small limits, which has seen large requests of each kind, so that its memory is settled."""
    bundle = write_bundle(tmp_path_factory.mktemp("hostile") / "bundle")
    limits = f"--timeout {SECONDS} --max-body-bytes {MOST_BYTES} --concurrency 8 --connections {MOST_CONNECTIONS}"
    with raw.target(bundle, *limits.split(), "--log-to", str(bundle.parent / "log")) as running:
        for large in ("ten thousand fields", "ten thousand rows", "deep lists", "a long string") * 3:
            asked(running, BODIES[large][0])
        before = running.memory()
        yield running
        assert running.memory() - before < GROWTH
        assert {line["level"] for line in running.told()} <= {"info", "warning"}


@pytest.fixture(autouse=True)
def _it_answers_others_still(endpoint: Target) -> Iterator[None]:
    yield
    deadline = time.monotonic() + raw.PATIENCE
    while (found := answers(asked(endpoint, LAST)))[0].status == 503 and time.monotonic() < deadline:
        continue  # a flood's connections are being closed
    assert [a.status for a in found] == [200]


def asked(endpoint: Target, data: bytes, *, end: bool = False) -> bytes:
    """What comes back until the server closes."""
    with endpoint.connect() as connection:
        send(connection, data)
        if end:
            connection.shutdown(socket.SHUT_WR)
        return receive(connection)


def statuses(endpoint: Target, data: bytes, *, end: bool = False) -> list[int]:
    return [answer.status for answer in answers(asked(endpoint, data, end=end))]


def body(text: bytes | str) -> bytes:
    return request(text if isinstance(text, bytes) else text.encode(), "connection: close")


def numbered(number: str) -> bytes:
    return body(ROW.replace(b"12.0", number.encode()))


BODIES = {
    "truncated": (body(ROW[:-5]), 400),
    "one byte": (body(b"{"), 400),
    "empty": (request(b"", "connection: close", "content-type: application/json"), 400),
    "no JSON": (body("tenure=1"), 400),
    "two documents": (body(ROW + ROW), 400),
    "garbage behind": (body(ROW + b"\x00"), 400),
    "NUL in a string": (body(ROW.replace(b"Month", b"Mo\x00nth")), 400),
    "escaped NUL": (body(ROW.replace(b"Month", rb"Mo\u0000nth")), 422),
    "NULs alone": (body(b"\x00" * 1000), 400),
    "NaN": (numbered("NaN"), 400),
    "Infinity": (numbered("-Infinity"), 400),
    "1e400": (numbered("1e400"), 422),
    "-1e400": (numbered("-1e400"), 422),
    "a thousand digits": (numbered("9" * 1000), 422),
    "a hundred thousand digits": (numbered("9" * 100_000), 400),
    "a small exponent": (numbered("1e-99999"), 200),
    "01": (numbered("01"), 400),
    "hexadecimal": (numbered("0x10"), 400),
    "ten thousand fields": (body(json.dumps({f"f{i}": 0 for i in range(14_000)})), 422),
    "ten thousand rows": (body(json.dumps({"rows": [{}] * 10_000})), 422),
    "deep lists": (body("[" * 90_000 + "]" * 90_000), 400),
    "deep objects": (body('{"a":' * 30_000 + "1" + "}" * 30_000), 400),
    "deep in a field": (numbered("[" * 500 + "]" * 500), 400),
    "somewhat deep in a field": (numbered("[" * 100 + "]" * 100), 422),
    "a long string": (body(ROW.replace(b"Month", b"M" * 150_000)), 422),
    "a lone surrogate": (body(ROW.replace(b"Month", rb"\ud800")), 400),
    "duplicate keys": (body(ROW[:-1] + b', "tenure": 1}'), 200),
    "UTF-16": (body(ROW.decode().encode("utf-16")), 400),
    "Latin-1": (body('{"größe": 1}'.encode("latin-1")), 400),
    "a byte order mark": (body(b"\xef\xbb\xbf" + ROW), 400),
    "gzip": (request(b"\x1f\x8b\x08\x00", "content-encoding: gzip", "connection: close"), 415),
    "another type": (request(ROW, "content-type: text/xml", "connection: close"), 415),
    "another charset": (request(ROW, "content-type: application/json; charset=utf-16", "connection: close"), 415),
    "a form": (request(ROW, "content-type: multipart/form-data; boundary=x", "connection: close"), 415),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_wrong_is_refused_in_words(endpoint: Target, name: str) -> None:
    sent, expected = BODIES[name]
    (answer,) = answers(asked(endpoint, sent))
    assert answer.status == expected, answer.body[:300]
    assert len(answer.body) < 100_000
    assert expected == 200 or answer.json()["error"]


COLUMNS = [f"c{position}" for position in range(18_000)]
HEAVY = {
    "a table of too many lines": (b"tenure,total charges,contract\n" + b"1,2,Two year\n" * 14_000, "text/csv", 413),
    "a table of many columns": (",".join(COLUMNS).encode() + b"\n1", "text/csv", 422),
    "a split table of many columns": (
        json.dumps({"dataframe_split": {"columns": COLUMNS, "data": [[1]]}}).encode(), "application/json", 422
    ),
    "columns of many lengths": (
        json.dumps({"inputs": {name: [1] for name in COLUMNS[:9_000]}}).encode(), "application/json", 422
    ),
    "records of nothing": (b'{"dataframe_records": [' + b"{}," * 60_000 + b"{}]}", "application/json", 422),
}  # fmt: skip


@pytest.mark.parametrize("name", HEAVY)
def test_a_table_that_is_wrong_costs_little(endpoint: Target, name: str) -> None:
    content, kind, expected = HEAVY[name]
    started = time.monotonic()
    sent = request(content, f"content-type: {kind}", "connection: close", path="/invocations", typed=False)
    assert statuses(endpoint, sent) == [expected]
    assert time.monotonic() - started < 3


SMUGGLED = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n"
HEADS = {
    "garbage": (b"\x16\x03\x01\x02\x00\x01\x00" * 20 + b"\r\n\r\n", [400]),
    "no method": (b"/predict HTTP/1.1\r\n\r\n", [400]),
    "an unknown method": (b"FROB / HTTP/1.1\r\nhost: x\r\n\r\n", [400]),
    "no version": (b"GET /health/live\r\n\r\n", [200]),
    "HTTP/9.9": (b"GET /health/live HTTP/9.9\r\nhost: x\r\n\r\n", [400]),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
    "HTTP/1.0": (b"GET /health/live HTTP/1.0\r\n\r\n", [200]),
    "a header without colon": (b"GET /health/live HTTP/1.1\r\nhost: x\r\nnonsense\r\n\r\n", [400]),
    "a header without name": (b"GET /health/live HTTP/1.1\r\nhost: x\r\n: v\r\n\r\n", [400]),
    "a space before the colon": (b"GET /health/live HTTP/1.1\r\nhost : x\r\n\r\n", [400]),
    "a folded header": (b"GET /health/live HTTP/1.1\r\nhost: x\r\na: b\r\n c\r\nconnection: close\r\n\r\n", [400]),
    "NUL in a header": (b"GET /health/live HTTP/1.1\r\nhost: x\r\na: \x00\r\n\r\n", [400]),
    "a header of 100 kB": (request(b"", "a: " + "x" * 100_000, method="GET"), [431]),
    "10,000 headers": (request(b"", *(f"h{i}: 1" for i in range(10_000)), method="GET"), [431]),
    "a path of 40 kB": (request(b"", method="GET", path="/" + "x" * 40_000), [431]),
    "a path of 100 kB": (request(b"", method="GET", path="/" + "x" * 100_000), [400]),
    "length of letters": (request(ROW, "content-length: ten", length=False), [400]),
    "negative length": (request(ROW, "content-length: -1", length=False), [400]),
    "length of 100 digits": (request(ROW, "content-length: " + "9" * 100, length=False), [400]),
    "two lengths": (request(ROW, "content-length: 5", "content-length: 6", length=False), [400]),
    "length and chunks": (request(SMUGGLED, "transfer-encoding: chunked"), [400]),
    "chunks unlike chunked": (request(SMUGGLED, "transfer-encoding: xchunked"), [400]),
    "chunked is not last": (request(SMUGGLED, "transfer-encoding: chunked, identity", length=False), [400]),
    "chunked with a tab": (request(SMUGGLED, "transfer-encoding:\x0bchunked", length=False), [400]),
    "a chunk of wrong size": (request(b"zz\r\n{}\r\n0\r\n\r\n", "transfer-encoding: chunked", length=False), [400]),
    "a chunk of endless size": (
        request(b"f" * 40 + b"\r\n{}\r\n0\r\n\r\n", "transfer-encoding: chunked", length=False),
        [400],
    ),
    "announced 100 MB": (request(b"", "content-length: 100000000", length=False) + b"x" * 50_000, [413]),
    "announced too long, waiting to be asked": (
        request(b"", "content-length: 100000000", "expect: 100-continue", length=False),
        [413],
    ),
    "CONNECT": (b"CONNECT example.com:443 HTTP/1.1\r\nhost: x\r\n\r\n", [400]),
    "TRACE": (request(b"", "connection: close", method="TRACE", path="/health/live"), [405]),
    "OPTIONS": (request(b"", "connection: close", method="OPTIONS"), [405]),
    "OPTIONS *": (request(b"", "connection: close", method="OPTIONS", path="*"), [404]),
    "an encoded path": (request(b"", "connection: close", method="GET", path="/%70redict%00%ff"), [404]),
    "dots": (request(b"", "connection: close", method="GET", path="/../../etc/passwd"), [404]),
    "encoded dots": (request(b"", "connection: close", method="GET", path="/%2e%2e/%2e%2e/etc/passwd"), [404]),
    "absolute form": (
        request(b"", "connection: close", method="GET", path="http://elsewhere/health/live"),
        [200],
    ),
    "a websocket": (
        request(
            b"",
            "connection: upgrade, close",
            "upgrade: websocket",
            "sec-websocket-key: x",
            method="GET",
            path="/predict",
        ),
        [405],
    ),
    "continue": (request(ROW, "expect: 100-continue", "connection: close"), [200]),
    "another expectation": (request(ROW, "expect: miracles", "connection: close"), [200]),
    "no host": (b"GET /health/live HTTP/1.1\r\nconnection: close\r\n\r\n", [200]),
    "a header in Latin-1": (request(ROW, "x-request-id: gr\xf6\xdfe", "traceparent: \xff", "connection: close"), [200]),
    "wrong credentials": (request(ROW, "authorization: Basic \xff\xff==", "connection: close"), [200]),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_request_that_is_no_http_is_refused_and_one_that_is_odd_is_answered(endpoint: Target, name: str) -> None:
    sent, expected = HEADS[name]
    assert statuses(endpoint, sent) == expected


def test_an_upgrade_that_is_not_known_is_ignored_and_the_body_read(endpoint: Target) -> None:
    asking = ("connection: Upgrade, HTTP2-Settings, close", "upgrade: h2c", "http2-settings: AAMAAABkAAQAAP__")
    assert statuses(endpoint, request(ROW, *asking)) == [200]


OFFERS = ("connection: Upgrade", "upgrade: h2c")


def test_requests_behind_an_offer_of_another_protocol_are_answered_too(endpoint: Target) -> None:
    offered = [request(ROW, *OFFERS), request(chunked(ROW), *OFFERS, "transfer-encoding: chunked", length=False)]
    looked = request(b"", *OFFERS, method="GET", path="/health/live")
    assert statuses(endpoint, b"".join([*offered, looked, *offered, LAST])) == [200] * 6


def test_the_body_behind_an_offer_of_another_protocol_is_not_taken_for_a_request(endpoint: Target) -> None:
    hidden = request(b"", method="GET", path="/hidden")
    with endpoint.connect() as connection:
        send(connection, request(b"", *OFFERS, f"content-length: {len(hidden)}", length=False))
        time.sleep(SECONDS / 4)  # so that it comes in a packet of its own
        send(connection, hidden + LAST)
        assert [answer.status for answer in answers(receive(connection))] == [415, 200]


def test_a_million_fields_are_too_long(endpoint: Target) -> None:
    assert statuses(endpoint, body(json.dumps(dict.fromkeys(map(str, range(1_000_000)))))) in ([413], [])


def test_head_is_answered_without_a_body(endpoint: Target) -> None:
    received = asked(endpoint, request(b"", "connection: close", method="HEAD", path="/health/live"))
    (answer,) = answers(received, heads=True)
    assert answer.status in (200, 405)
    assert received.endswith(b"\r\n\r\n")


def test_a_body_in_chunks_with_extensions_is_a_body(endpoint: Target) -> None:
    sent = chunked(ROW[:7], ROW[7:], extension=b';name="value"')
    assert statuses(endpoint, request(sent, "transfer-encoding: chunked", "connection: close", length=False)) == [200]


def test_chunks_that_grow_beyond_the_limit_are_cut_off(endpoint: Target) -> None:
    head = request(b"", "transfer-encoding: chunked", "content-type: application/json", length=False)
    with endpoint.connect() as connection:
        send(connection, head)
        for _ in range(100):  # 100 MB unannounced; the server stops it far earlier
            send(connection, b"100000\r\n" + b" " * (1 << 20) + b"\r\n")
        received = receive(connection)
    assert [a.status for a in answers(received)] in ([413], [])  # it closed while more came, which may lose the answer


def test_an_endless_chunk_extension_is_cut_off(endpoint: Target) -> None:
    head = request(b"", "transfer-encoding: chunked", "content-type: application/json", length=False)
    assert set(statuses(endpoint, head + b"1;" + b"x" * 5_000_000)) <= {400, 413, 431}


@pytest.mark.parametrize("number", [2, 50])
def test_pipelined_requests_are_answered_in_their_order(endpoint: Target, number: int) -> None:
    sent = [request(ROW, f"x-request-id: {position}") for position in range(number - 1)]
    found = answers(asked(endpoint, b"".join(sent) + LAST))
    assert [a.status for a in found] == [200] * number
    assert [a.headers["x-request-id"] for a in found[:-1]] == [str(position) for position in range(number - 1)]


def test_pipelined_requests_to_slow_and_fast_routes_are_answered_in_their_order(endpoint: Target) -> None:
    paths = ["/model-info", "/predict", "/health/live", "/metrics", "/nothing", "/predict"]
    posts = {"/predict": request(ROW, "x-request-id: /predict")}
    sent = [posts.get(path, request(b"", f"x-request-id: {path[1:]}", method="GET", path=path)) for path in paths]
    assert statuses(endpoint, b"".join(sent) + LAST) == [200, 200, 200, 200, 404, 200, 200]


def test_an_invalid_request_ends_a_pipeline_after_the_answers_before_it(endpoint: Target) -> None:
    found = statuses(
        endpoint, GOOD + request(b"", method="GET", path="/model-info") + GOOD + b"nonsense\r\n\r\n" + GOOD
    )
    assert found[:2] == [200, 200][: len(found)]
    assert found[-1] in (200, 400)
    assert 400 not in found[:-1]


SLOW = {
    "nothing": (b"", [[]]),
    "half a line": (b"POST /pre", [[408]]),
    "half the headers": (b"POST /predict HTTP/1.1\r\nhost: x\r\n", [[408]]),
    "no body": (request(b"", "content-length: 10", length=False), [[408]]),
    "half a body": (GOOD[:-5], [[408]]),
    "half a chunk": (request(b"5\r\n{", "transfer-encoding: chunked", length=False), [[408]]),
    "waiting for continue": (request(b"", "content-length: 10", "expect: 100-continue", length=False), [[408]]),
    "a second that stops": (GOOD + GOOD[:-5], [[200, 408]]),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_sender_that_stops_is_told_and_let_go(endpoint: Target, name: str) -> None:
    sent, expected = SLOW[name]
    started = time.monotonic()
    assert statuses(endpoint, sent) in expected
    assert time.monotonic() - started < 2 * SECONDS + 3


@pytest.mark.parametrize("part", [GOOD[:60], GOOD], ids=["headers", "body"])
def test_a_sender_of_one_byte_at_a_time_has_no_longer_than_others(endpoint: Target, part: bytes) -> None:
    with endpoint.connect() as connection:
        first, rest = part[: len(part) // 2], part[len(part) // 2 :]
        send(connection, first)
        started, pause = time.monotonic(), threading.Event()
        for byte in rest:
            send(connection, bytes([byte]))
            if time.monotonic() - started > SECONDS + 2:
                break
            pause.wait(2.5 * SECONDS / len(rest))
        assert [a.status for a in answers(receive(connection))] in ([408], [])


def test_a_client_that_has_said_all_and_closed_its_side_is_answered(endpoint: Target) -> None:
    assert statuses(endpoint, GOOD, end=True) in ([200], [])


def test_a_client_that_closes_in_the_middle_of_a_body_is_forgotten(endpoint: Target) -> None:
    assert statuses(endpoint, GOOD[:-5], end=True) in ([], [400])


def test_clients_that_hang_up_at_once_harm_nobody(endpoint: Target) -> None:
    for sent in [GOOD, GOOD[:-5], b"", GOOD * 20] * 20:
        with endpoint.connect() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            send(connection, sent)


def test_a_client_that_never_reads_its_answers_is_not_kept_in_memory(endpoint: Target) -> None:
    before = endpoint.memory()
    with endpoint.connect() as connection:
        connection.settimeout(0.5)
        pipeline = request(b"", method="GET", path="/openapi.json") * 200
        try:
            for _ in range(20):
                connection.sendall(pipeline)
        except OSError:
            pass  # it stopped taking more, or hung up: both are well
        assert answers(asked(endpoint, LAST))[0].status == 200
        assert endpoint.memory() - before < GROWTH


def test_more_connections_than_there_may_be_are_turned_away_at_once(endpoint: Target) -> None:
    held = [endpoint.connect() for _ in range(MOST_CONNECTIONS)]
    try:
        (answer,) = answers(receive(turned_away := endpoint.connect()))
        turned_away.close()
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    finally:
        for connection in held:
            connection.close()


def test_a_flood_of_connections_gets_answers_or_503(endpoint: Target) -> None:
    found: list[int] = []

    def flood() -> None:
        for _ in range(30):
            with endpoint.connect() as connection:
                send(connection, LAST)
                found.extend(a.status for a in answers(receive(connection)))

    callers = [threading.Thread(target=flood) for _ in range(2 * MOST_CONNECTIONS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert set(found) <= {200, 503}
    assert 200 in found
