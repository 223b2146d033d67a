"""The dashboard as people meet it, in headless Chromium: files, without a server."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from slipway.core.watch import Answer
from slipway.stages.dashboard import write_site
from tests.browser.conftest import Visit
from tests.support.looks_by_day import alarmed, drift, watch
from tests.support.portraits import NOW, portrait

pytestmark = pytest.mark.browser

PICTURES = Path(os.environ.get("SLIPWAY_SCREENSHOTS", "build/screenshots"))
LOOKED_AT = ("index.html", "churn.html")
LONG = "a_column_with_a_name_that_goes_on_and_on_without_a_place_to_break_it_" * 2


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site that is named, else one made by hand with everything on it that can be wide."""
    named = os.environ.get("SLIPWAY_DASHBOARD")
    if named is not None:
        return Path(named).resolve()
    wide = tuple(drift(f"{LONG}{n}", drifted=True, effect=0.1 * n) for n in range(1, 9))
    looks = [watch(day, columns=wide) for day in range(2, 9)]
    folder = tmp_path_factory.mktemp("dashboard") / "site"
    churn = portrait("churn", title=LONG, watches=(alarmed(9, columns=wide), *reversed(looks)))
    write_site(
        [churn, portrait("homes", watches=(watch(9),)), portrait("new", versions=(), records={}, watches=())],
        folder,
        NOW,
    )
    return folder


def fits(page: Page) -> bool:
    wide: bool = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return wide


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_nothing_is_wider_than_the_screen(site: Path, visit: Visit, width: int, name: str) -> None:
    page = visit(f"file://{site / name}", viewport={"width": width, "height": 800})
    assert fits(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", LOOKED_AT)
def test_text_stands_out_from_its_background(site: Path, visit: Visit, scheme: str, name: str) -> None:
    page = visit(f"file://{site / name}", color_scheme=scheme)
    assert page.evaluate((Path(__file__).parent / "contrast.js").read_text()) == []


@pytest.mark.parametrize("name", LOOKED_AT)
def test_pages_have_a_language_one_heading_and_no_heading_left_out(site: Path, visit: Visit, name: str) -> None:
    page = visit(f"file://{site / name}")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").count() == 1
    assert page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(h => +h.tagName[1])")[:2] == [1, 2]
    assert page.locator("main").count() == 1


def test_every_picture_has_a_name_and_every_table_a_caption_and_headers(site: Path, visit: Visit) -> None:
    page = visit(f"file://{site / 'churn.html'}")
    assert page.locator("svg[role=img]").count() > 0
    assert page.locator("svg:not([aria-hidden]):not(:has(> title))").count() == 0
    assert page.locator("table").count() == page.locator("table > caption").count() == 4
    assert page.locator("td, th").count() > page.locator("th[scope]").count() > 0
    assert page.locator("th:not([scope])").count() == 0


def test_what_is_wider_than_a_phone_is_scrolled_by_itself_and_reached_by_the_keyboard(site: Path, visit: Visit) -> None:
    page = visit(f"file://{site / 'churn.html'}", viewport={"width": 390, "height": 800})
    regions = page.locator(".scrolls")
    scrolled = page.evaluate("[...document.querySelectorAll('.scrolls')].some(r => r.scrollWidth > r.clientWidth)")
    assert scrolled
    assert regions.evaluate_all("all => all.every(r => r.tabIndex === 0 && r.ariaLabel)")


def test_a_card_leads_to_its_page_and_back(site: Path, visit: Visit) -> None:
    page = visit(f"file://{site / 'index.html'}")
    page.get_by_role("link", name="churn", exact=True).click()
    assert page.locator("h1").inner_text() == "churn"
    page.get_by_role("link", name="All models").click()
    assert page.locator("h1").inner_text() == "Models"


def test_pictures_of_the_dashboard(site: Path, visit: Visit) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    desktop = {"viewport": {"width": 1280, "height": 900}}
    _keep("desktop", visit(f"file://{site / 'index.html'}", **desktop).screenshot(full_page=True))
    page = visit(f"file://{site / 'churn.html'}", **desktop)
    _keep("use-case", page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": 1280, "height": 2600}))
    phone = visit(f"file://{site / 'churn.html'}", viewport={"width": 390, "height": 844})
    _keep("phone", phone.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": 390, "height": 1400}))


def _keep(name: str, picture: bytes) -> None:
    (PICTURES / f"dashboard-{name}.png").write_bytes(picture)
    assert 5_000 < len(picture) < 600_000


def test_the_answer_is_among_the_decisions(visit: Visit, site: Path) -> None:
    page = visit(f"file://{site / 'churn.html'}")
    said = page.get_by_role("region", name="Whether to retrain, the latest first").inner_text()
    assert any(answer.value in said for answer in Answer)
