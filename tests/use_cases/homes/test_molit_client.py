"""The client against a server that speaks the documented protocol: pages, pace, and every fault."""

from collections.abc import Iterator

import pytest

from slipway.core.errors import SourceUnavailable
from tests.support.molit import KEY, MolitServer, Reply, gateway, molit_server, refusal, trade, trades
from use_cases.homes.source.molit.client import Client, Limits
from use_cases.homes.source.molit.keys import plain_key
from use_cases.homes.source.molit.pace import FIRST_WAIT, LONGEST_WAIT, Pace, waits
from use_cases.homes.source.molit.records import FIELDS

DISTRICT, MONTH = "11680", "202401"


@pytest.fixture
def server() -> Iterator[MolitServer]:
    with molit_server() as running:
        yield running


@pytest.fixture
def waited() -> list[float]:
    return []


def client(server: MolitServer, waited: list[float], key: str = KEY, **settings: object) -> Client:
    settings = {"page_rows": 10, "limits": Limits(attempts=4, silence=1.0, in_all=0.3)} | settings
    return Client(key, server.url, pace=Pace(1e9, wait=waited.append), **settings)  # type: ignore[arg-type]


def test_every_page_of_a_month_is_fetched_once_and_in_order(server: MolitServer, waited: list[float]) -> None:
    server.register(DISTRICT, MONTH, *trades(DISTRICT, MONTH, 25))
    records = client(server, waited).month(DISTRICT, MONTH)
    assert [record["dealAmount"] for record in records] == [f"{50_000 + 37 * i:,}" for i in range(25)]
    assert [query["pageNo"] for query in server.asked] == ["1", "2", "3"]


def test_a_month_that_fills_its_last_page_asks_for_no_further_one(server: MolitServer, waited: list[float]) -> None:
    server.register(DISTRICT, MONTH, *trades(DISTRICT, MONTH, 20))
    assert len(client(server, waited).month(DISTRICT, MONTH)) == 20
    assert len(server.asked) == 2


def test_trades_that_are_alike_in_everything_are_all_there(server: MolitServer, waited: list[float]) -> None:
    server.register(DISTRICT, MONTH, trade(), trade())
    assert len(client(server, waited).month(DISTRICT, MONTH)) == 2


def test_a_record_has_all_fields_and_a_blank_is_nothing(server: MolitServer, waited: list[float]) -> None:
    server.register(DISTRICT, MONTH, trade(unknownField="x"))
    [record] = client(server, waited).month(DISTRICT, MONTH)
    assert tuple(record) == FIELDS
    assert (record["cdealType"], record["aptDong"], record["roadNm"]) == (None, None, None)
    assert record["dealAmount"] == "112,000"


@pytest.mark.parametrize("nothing", [refusal("03"), gateway("03"), None], ids=["ministry", "gateway", "no items"])
def test_a_month_without_trades_is_empty_and_no_failure(
    server: MolitServer, waited: list[float], nothing: Reply | None
) -> None:
    server.fail(*[nothing] * (nothing is not None))
    assert client(server, waited).month(DISTRICT, MONTH) == []
    assert len(server.asked) == 1


PASSING = {
    "too fast": gateway("23"),
    "the gateway's unknown error": gateway("99"),
    "the ministry's application": refusal("01", "APPLICATION_ERROR"),
    "the ministry's database": gateway("02"),
    "the ministry out of reach": gateway("04"),
    "the ministry's time out": gateway("05"),
    "HTTP 500": Reply(b"Unexpected errors", status=500),
    "HTTP 503": Reply(b"", status=503),
    "HTTP 429": Reply(b"API rate limit exceeded", status=429),
    "an empty answer": Reply(b""),
    "HTML": Reply(b"<html><body>maintenance</body></html>"),
    "plain text": Reply(b"Unexpected errors"),
    "no result code": Reply(b"<response><header/></response>"),
    "no total": Reply(b"<response><header><resultCode>000</resultCode></header><body/></response>"),
    "a document type": Reply(b'<!DOCTYPE a [<!ENTITY b "c">]><response/>'),
    "half an answer": Reply(cut=True),
    "a trickle": Reply(trickle=True),
    "no answer at all": Reply(dropped=True),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_may_pass_is_tried_again(server: MolitServer, waited: list[float], name: str) -> None:
    server.register(DISTRICT, MONTH, *trades(DISTRICT, MONTH, 12))
    server.fail(PASSING[name])
    assert len(client(server, waited).month(DISTRICT, MONTH)) == 12
    assert len(server.asked) == 3
    assert len(waited) == 1


@pytest.mark.parametrize("name", ["too fast", "HTTP 503", "HTML", "no answer at all"])
def test_what_does_not_pass_is_told_after_four_attempts(server: MolitServer, waited: list[float], name: str) -> None:
    server.fail(*[PASSING[name]] * 9)
    with pytest.raises(SourceUnavailable, match=r"district 11680 in 2024-01.*4 attempts") as caught:
        client(server, waited).month(DISTRICT, MONTH)
    assert "goes on with the months that are missing" in caught.value.next_step
    assert waited == sorted(waited)
    assert len(waited) == 3


FINAL = {
    "22": ("daily quota", "tomorrow"),
    "30": ("not registered", "Decoding"),
    "31": ("expired", "extend"),
    "32": ("address is not registered", "data.go.kr"),
    "20": ("access is denied", "data.go.kr"),
    "12": ("no such service", "data.go.kr"),
    "77": ("not documented", "data.go.kr"),
}


@pytest.mark.parametrize("code", FINAL)
def test_what_will_not_pass_is_told_at_once_with_what_to_do(
    server: MolitServer, waited: list[float], code: str
) -> None:
    server.fail(gateway(code))
    words, step = FINAL[code]
    with pytest.raises(SourceUnavailable, match=rf"{words}.*code {code}") as caught:
        client(server, waited).month(DISTRICT, MONTH)
    assert step in caught.value.next_step
    assert len(server.asked) == 1


@pytest.mark.parametrize(("status", "words"), [(401, "not registered"), (403, "denied"), (404, "HTTP 404")])
def test_refusals_of_the_machines_before_the_gateway_are_told_too(
    server: MolitServer, waited: list[float], status: int, words: str
) -> None:
    server.fail(Reply(b"Forbidden", status=status))
    with pytest.raises(SourceUnavailable, match=words):
        client(server, waited).month(DISTRICT, MONTH)


def test_as_long_as_the_gateway_asks_is_waited_but_no_longer_than_half_a_minute(
    server: MolitServer, waited: list[float]
) -> None:
    server.register(DISTRICT, MONTH, trade())
    server.fail(*(Reply(b"", status=429, headers={"Retry-After": after}) for after in ("7", "3600")))
    client(server, waited).month(DISTRICT, MONTH)
    assert waited == [7.0, LONGEST_WAIT]


def test_a_month_that_changes_between_its_pages_is_fetched_anew(server: MolitServer, waited: list[float]) -> None:
    server.register(DISTRICT, MONTH, *trades(DISTRICT, MONTH, 20))

    def registered_meanwhile(query: dict[str, str]) -> None:
        if len(server.asked) == 2:
            server.registered[DISTRICT, MONTH].insert(0, trade(dealAmount="1"))

    server.before = registered_meanwhile
    amounts = [record["dealAmount"] for record in client(server, waited).month(DISTRICT, MONTH)]
    assert len(amounts) == len(set(amounts)) == 21


def test_a_month_that_never_adds_up_is_refused(server: MolitServer, waited: list[float]) -> None:
    server.before = lambda query: server.register(DISTRICT, MONTH, *trades(DISTRICT, MONTH, 11))
    with pytest.raises(SourceUnavailable, match="do not add up"):
        client(server, waited).month(DISTRICT, MONTH)


@pytest.mark.parametrize("given", [KEY, "Zm9y%2BdGVz%2FdHM%3D%3D", "Zm9y%252BdGVz%252FdHM%253D%253D", f" {KEY}\n"])
def test_a_key_is_known_however_often_it_was_encoded(server: MolitServer, waited: list[float], given: str) -> None:
    server.register(DISTRICT, MONTH, trade())
    assert len(client(server, waited, key=plain_key(given)[0]).month(DISTRICT, MONTH)) == 1


def test_a_key_encoded_twice_is_unknown_to_the_gateway(server: MolitServer, waited: list[float]) -> None:
    with pytest.raises(SourceUnavailable, match="not registered") as caught:
        client(server, waited, key="Zm9y%2BdGVz%2FdHM%3D%3D").month(DISTRICT, MONTH)
    assert "encoded twice" in caught.value.cause


@pytest.mark.parametrize("fault", [Reply(dropped=True), Reply(b"", status=500), gateway("30"), Reply(cut=True)])
def test_no_error_holds_the_key(server: MolitServer, waited: list[float], fault: Reply) -> None:
    server.fail(*[fault] * 9)
    with pytest.raises(SourceUnavailable) as caught:
        client(server, waited, key="a-secret-nobody-may-see").month(DISTRICT, MONTH)
    error: BaseException | None = caught.value
    while error is not None:
        assert "a-secret-nobody-may-see" not in str(error)
        error = error.__cause__


def test_starts_are_evenly_spaced() -> None:
    now = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds

    pace, starts = Pace(25, clock=lambda: now[0], wait=wait), []
    for _ in range(100):
        pace.take_turn()
        starts.append(now[0])
    assert max(sum(1 for s in starts if start <= s < start + 1) for start in starts) <= 26
    assert starts[-1] == pytest.approx(99 / 25)


def test_the_server_sees_no_more_than_thirty_requests_in_a_second(server: MolitServer) -> None:
    server.register(DISTRICT, MONTH, *trades(DISTRICT, MONTH, 40))
    Client(KEY, server.url, page_rows=1).month(DISTRICT, MONTH)
    starts = server.started
    assert len(starts) == 40
    assert max(sum(1 for s in starts if start <= s < start + 1) for start in starts) <= 30


def test_waits_double_up_to_half_a_minute_and_differ_by_chance() -> None:
    assert list(waits(4, jitter=lambda: 0.0)) == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    assert max(waits(20, jitter=lambda: 1.0)) == LONGEST_WAIT * 1.25
    assert len(set(waits(9))) == 8
