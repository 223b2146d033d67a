"""Asks the API for one month of one district, page by page, until all of it is there."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError

from slipway.core.errors import SourceUnavailable
from use_cases.homes.source.molit.answers import Page, read_page
from use_cases.homes.source.molit.faults import KEY_UNKNOWN, TOO_FAST, Fault, coded, passing, told
from use_cases.homes.source.molit.pace import LONGEST_WAIT, Pace, waits
from use_cases.homes.source.molit.records import ADDRESS, PATH, Record

PER_SECOND = 25.0
"""The portal allows 30; the rest is for clocks that differ."""
PAGE_ROWS = 1000
ATTEMPTS = 6
RESTARTS = 3
SECONDS_TO_CONNECT, SECONDS_OF_SILENCE, SECONDS_IN_ALL = 10.0, 30.0, 90.0
LARGEST_ANSWER = 64 * 2**20


@dataclass(frozen=True)
class Limits:
    """How patient to be; tests are less so."""

    attempts: int = ATTEMPTS
    silence: float = SECONDS_OF_SILENCE
    in_all: float = SECONDS_IN_ALL


class Client:
    """One key's way to the API. Nothing it raises or tells holds the key."""

    def __init__(
        self,
        key: str,
        address: str = ADDRESS,
        *,
        page_rows: int = PAGE_ROWS,
        pace: Pace | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._key = key
        self._url = address.rstrip("/") + PATH
        self._page_rows = page_rows
        self._pace = pace or Pace(PER_SECOND)
        self._limits = limits or Limits()
        self._session = requests.Session()

    def month(self, district: str, month: str) -> list[Record]:
        """All trades of a district (five digits) in a month ("202401"), cancelled ones among them.

        A month that changes while its pages are fetched is fetched anew, so that no trade is missed or taken twice.

        Raises:
            SourceUnavailable: the API does not give it; says why and what to do.
        """
        for _ in range(RESTARTS):
            records = self._pages(district, month)
            if records is not None:
                return records
        raise SourceUnavailable(
            f"{_where(district, month)}: the pages do not add up to the trades that the API announces",
            cause="trades are being registered at this moment, or the API has a bad day",
            next_step="run the same command again later: it goes on with the months that are missing",
        )

    def _pages(self, district: str, month: str) -> list[Record] | None:
        """Every page once; None where they do not belong together."""
        records: list[Record] = []
        number, total = 0, None
        while total is None or len(records) < total:
            number += 1
            page = self._page(district, month, number)
            total = page.total if total is None else total
            if page.total != total or (not page.records and len(records) < total):
                return None
            records.extend(page.records)
        return records if len(records) == total else None

    def _page(self, district: str, month: str, number: int) -> Page:
        """One page, however often it takes to ask."""
        pauses = waits(self._limits.attempts)
        attempts = 0
        while True:
            attempts += 1
            try:
                return self._asked(district, month, number)
            except Fault as fault:
                pause = next(pauses, None)
                if not fault.passes or pause is None:
                    raise told(fault, _where(district, month), attempts) from None
                self._pace.wait(min(LONGEST_WAIT, max(pause, fault.wait)))

    def _asked(self, district: str, month: str, number: int) -> Page:
        self._pace.take_turn()
        query = {
            "serviceKey": self._key,
            "LAWD_CD": district,
            "DEAL_YMD": month,
            "pageNo": str(number),
            "numOfRows": str(self._page_rows),
        }
        patience = (SECONDS_TO_CONNECT, self._limits.silence)
        try:
            with self._session.get(
                self._url, params=query, timeout=patience, stream=True, allow_redirects=False
            ) as response:
                _refuse_status(response)
                content = _read(response, time.monotonic() + self._limits.in_all)
        except (requests.RequestException, HTTPError, OSError) as error:  # its words hold the address, and so the key
            raise passing(f"no answer came ({type(error).__name__})") from None
        return read_page(content)


def _where(district: str, month: str) -> str:
    return f"the trades of district {district} in {month[:4]}-{month[4:]} could not be fetched"


def _refuse_status(response: requests.Response) -> None:
    """The gateway mostly refuses with HTTP 200; these are of the machines before it."""
    status = response.status_code
    if status in {401, 403}:
        raise coded(KEY_UNKNOWN if status == 401 else "20")
    if status == 429:
        after = response.headers.get("Retry-After", "")
        fault = coded(TOO_FAST)
        raise passing(fault.words, wait=float(after) if after.isdecimal() else 0.0)
    if status >= 500:
        raise passing(f"the portal fails with HTTP {status}")
    if status != 200:
        raise Fault("", f"the portal answers with HTTP {status}", passes=False)


def _read(response: requests.Response, deadline: float, now: Callable[[], float] = time.monotonic) -> bytes:
    """The whole answer; one that trickles in for too long, or does not end, is given up."""
    content = bytearray()
    while chunk := response.raw.read1(1 << 16, decode_content=True):  # what is there, not a whole block: it may trickle
        content += chunk
        if now() > deadline:
            raise passing("an answer that did not end in time")
        if len(content) > LARGEST_ANSWER:
            raise passing("an answer that did not end")
    return bytes(content)
