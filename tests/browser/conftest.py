"""Chromium, pages that tell when something is wrong with them, and endpoints to visit."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from serving.access import keys
from tests.support.bundles import CHURN, HOMES, write_bundle, write_places
from tests.support.endpoints import serving

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

MEANT = (
    "Failed to load resource: the server responded with a status of 422",
    "Failed to load resource: net::ERR_INTERNET_DISCONNECTED",
)

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which(os.environ.get("SLIPWAY_CHROMIUM", "chromium"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Opens an address; at the end nothing may have gone wrong in the console or been asked of another host."""
    wrong: list[str] = []

    def opened(address: str, **context: object) -> Page:
        page = chromium.new_context(**context).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(10_000)
        page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(request.url) if _elsewhere(request.url, address) else None)
        page.goto(address)
        return page

    yield opened
    for context in chromium.contexts:
        context.close()
    assert [words for words in wrong if not words.startswith(MEANT)] == []


@pytest.fixture(scope="module")
def churn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a classifier's endpoint."""
    with serving(write_bundle(tmp_path_factory.mktemp("churn") / "bundle", CHURN)) as address:
        yield f"http://{address}/"


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a regressor's endpoint."""
    interval = {"interval": {"level": 0.9, "below": 20_000.0, "above": 30_000.0}}
    signature = type(HOMES).model_validate_json(HOMES.model_copy(update=interval).model_dump_json(warnings=False))
    with serving(write_bundle(tmp_path_factory.mktemp("homes") / "bundle", signature)) as address:
        yield f"http://{address}/"


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an endpoint that tells comparable rows and an outlook beside predictions."""
    with serving(write_places(tmp_path_factory.mktemp("places") / "bundle")) as address:
        yield f"http://{address}/"


@pytest.fixture(scope="module")
def shown(churn: str) -> Iterator[str]:
    """The address of the endpoint to take pictures of: the bundle that is named, else the small classifier."""
    named = os.environ.get("SLIPWAY_PAGE_BUNDLE")
    if named is None:
        yield churn
        return
    with serving(Path(named)) as address:
        yield f"http://{address}/"


def _elsewhere(url: str, address: str) -> bool:
    return urlsplit(url).scheme != "data" and urlsplit(url).netloc != urlsplit(address).netloc


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address of an endpoint that asks for a key, and the key."""
    key, line = keys.new("me")
    (tmp_path / "keys").write_text(line)
    with serving(write_bundle(tmp_path / "bundle", CHURN), "--keys", str(tmp_path / "keys")) as address:
        yield f"http://{address}/", key
