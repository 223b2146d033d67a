"""A local server that speaks the ministry's protocol for trades of apartments, faults included.

It answers as the API is documented: XML, pages, totals, blanks for what is missing, padded amounts; every refusal of
the gateway with HTTP 200. ``before`` is called ahead of each answer, for what is to happen between two of them.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

KEY = "Zm9y+dGVz/dHM=="
PATH = "/1613000/RTMSDataSvcAptTradeDev/getRTMSDataSvcAptTradeDev"
Trade = dict[str, str]

GATEWAY_WORDS = {
    "22": "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR",
    "23": "LIMITED_NUMBER_OF_SERVICE_REQUESTS_PER_SECOND_EXCEEDS_ERROR",
    "30": "SERVICE_KEY_IS_NOT_REGISTERED_ERROR",
    "31": "DEADLINE_HAS_EXPIRED_ERROR",
}


@dataclass(frozen=True)
class Reply:
    """One answer in the place of the right one: ``cut`` sends half of it, ``trickle`` a byte at a time."""

    body: bytes | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    trickle: bool = False
    dropped: bool = False


def gateway(code: str) -> Reply:
    """A refusal of the gateway."""
    return Reply(
        (
            "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg>"
            f"<returnAuthMsg>{GATEWAY_WORDS.get(code, 'UNKNOWN_ERROR')}</returnAuthMsg>"
            f"<returnReasonCode>{code}</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>"
        ).encode()
    )


def refusal(code: str, words: str = "NODATA_ERROR") -> Reply:
    """A refusal of the ministry's own."""
    return Reply(
        f"<response><header><resultCode>{code}</resultCode><resultMsg>{words}</resultMsg></header></response>".encode()
    )


def trade(**fields: str) -> Trade:
    """A trade as the API tells it; what is not given is usual."""
    return {
        "sggCd": "11680",
        "umdCd": "10100",
        "umdNm": "역삼동",
        "jibun": "755-4",
        "bonbun": "0755",
        "bubun": "0004",
        "aptNm": "역삼래미안",
        "aptSeq": "11680-123",
        "excluUseAr": "59.4",
        "dealYear": "2024",
        "dealMonth": "1",
        "dealDay": "9",
        "dealAmount": "    112,000",
        "floor": "7",
        "buildYear": "2005",
        "cdealType": " ",
        "cdealDay": " ",
        "aptDong": " ",
        "rgstDate": " ",
        "dealingGbn": "중개거래",
        "slerGbn": "개인",
        "buyerGbn": "개인",
        "landLeaseholdGbn": "N",
    } | fields


def trades(district: str, month: str, number: int) -> list[Trade]:
    """So many different trades of a district and month."""
    return [
        trade(
            sggCd=district,
            umdCd="99999",
            aptSeq=f"{district}-{i % 40}",
            dealYear=month[:4],
            dealMonth=str(int(month[4:])),
            dealDay=str(1 + i % 28),
            dealAmount=f"{50_000 + 37 * i:,}".rjust(10),
            floor=str(1 + i % 25),
        )
        for i in range(number)
    ]


class MolitServer:
    """What has been registered, who asked for it, and what goes wrong."""

    def __init__(self) -> None:
        self.registered: dict[tuple[str, str], list[Trade]] = {}
        self.faults: list[Reply] = []
        self.quota: int | None = None
        self.asked: list[dict[str, str]] = []
        self.started: list[float] = []
        self.before: Callable[[dict[str, str]], None] = lambda _: None
        self.url = ""
        self.stopping = threading.Event()
        self._lock = threading.Lock()

    def register(self, district: str, month: str, *registered: Trade) -> None:
        self.registered.setdefault((district, month), []).extend(registered)

    def fail(self, *replies: Reply) -> None:
        """Answer the next requests with these."""
        self.faults.extend(replies)

    @property
    def months_asked(self) -> Counter[tuple[str, str]]:
        return Counter((query["LAWD_CD"], query["DEAL_YMD"]) for query in self.asked)

    def answer(self, query: dict[str, str]) -> Reply:
        with self._lock:
            self.started.append(time.monotonic())
            self.asked.append(query)
            fault = self.faults.pop(0) if self.faults else None
            used = self.quota is not None and len(self.asked) > self.quota
        self.before(query)
        if fault is not None and not (fault.cut or fault.trickle):
            return fault
        if query.get("serviceKey") != KEY:
            return gateway("30")
        reply = gateway("22") if used else Reply(self._page(query))
        return reply if fault is None else Reply(reply.body, cut=fault.cut, trickle=fault.trickle)

    def _page(self, query: dict[str, str]) -> bytes:
        found = self.registered.get((query["LAWD_CD"], query["DEAL_YMD"]), [])
        number, size = int(query["pageNo"]), int(query["numOfRows"])
        shown = found[(number - 1) * size : number * size]
        items = "".join(f"<item>{''.join(f'<{n}>{escape(v)}</{n}>' for n, v in one.items())}</item>" for one in shown)
        return (
            '<?xml version="1.0" encoding="utf-8" standalone="yes"?><response><header><resultCode>000</resultCode>'
            f"<resultMsg>OK</resultMsg></header><body><items>{items}</items><numOfRows>{size}</numOfRows>"
            f"<pageNo>{number}</pageNo><totalCount>{len(found)}</totalCount></body></response>"
        ).encode()


@contextmanager
def molit_server() -> Iterator[MolitServer]:
    """Run one on a free port of this machine."""
    state = MolitServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(state: MolitServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if address.path != PATH:
                self._send(Reply(b"API not found", status=404))
                return
            self._send(state.answer(dict(parse_qsl(address.query))))

        def _send(self, reply: Reply) -> None:
            if reply.dropped:
                self.close_connection = True
                return
            content = reply.body or b""
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/xml", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if reply.trickle:
                self._trickle(content)
                return
            self.wfile.write(content[: len(content) // 2] if reply.cut else content)
            self.close_connection = self.close_connection or reply.cut

        def _trickle(self, content: bytes) -> None:
            for at in range(len(content)):
                if state.stopping.wait(0.02):
                    return
                try:
                    self.wfile.write(content[at : at + 1])
                except OSError:
                    return

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
