"""Map, comparable rows and outlook, in headless Chromium, from a bundle that holds them."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_page_in_browser import fits, focused

pytestmark = pytest.mark.browser

LATITUDE, AREA, DISTRICT = "#field-3", "#field-2", "#field-1"


def asked(page: Page) -> Page:
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#told .big")).to_be_visible()
    return page


def test_the_answer_shows_where_the_row_lies_what_is_like_it_and_what_may_come(places: str, visit: Visit) -> None:
    page = visit(places)
    expect(page.locator("#beside")).to_be_hidden()
    asked(page)
    expect(page.get_by_role("img", name="Map of 3 comparable rows within 6.7")).to_be_visible()
    expect(page.get_by_role("img", name="Map of all known rows, with the place of this one")).to_be_visible()
    expect(page.locator(".place tbody tr")).to_have_count(3)
    expect(page.locator(".place tbody tr").first).to_contain_text("2015-12-01")
    expect(page.locator(".path tbody tr")).to_have_count(3)
    expect(page.locator(".path")).to_contain_text("to 103,000 USD in 3 months")
    expect(page.get_by_role("img", name="Level of hill by month, in USD per m²")).to_be_visible()


def test_markers_stand_where_the_rows_are(places: str, visit: Visit) -> None:
    """The nearest row lies west of the asked one, the second north of it."""
    page = asked(visit(places))
    here = page.locator(".map").first.locator(".here").bounding_box()
    marks = {
        mark.text_content(): mark.locator("circle").bounding_box()
        for mark in page.locator(".map").first.locator("g").all()
    }
    first, second = marks["1"], marks["2"]
    assert here is not None
    assert first is not None
    assert second is not None
    middle = (here["x"] + here["width"] / 2, here["y"] + here["height"] / 2)
    assert first["x"] + first["width"] / 2 < middle[0] - 3
    assert abs(first["y"] + first["height"] / 2 - middle[1]) < 1.5
    assert second["y"] + second["height"] / 2 < middle[1] - 3
    assert abs(second["x"] + second["width"] / 2 - middle[0]) < 1.5


def test_another_question_gets_another_map_and_another_path(places: str, visit: Visit) -> None:
    page = asked(visit(places))
    page.locator(DISTRICT).select_option("shore")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator(".path")).to_contain_text("district shore")
    expect(page.locator(".place tbody tr")).to_have_count(1)
    page.locator(DISTRICT).select_option("moor")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator(".place")).to_contain_text("No known row is like it.")
    expect(page.locator(".path")).to_have_count(0)


def test_a_place_outside_of_the_map_is_told_at_its_field_and_the_map_goes(places: str, visit: Visit) -> None:
    page = asked(visit(places))
    page.locator(LATITUDE).fill("10")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#field-3-problem")).to_contain_text("Lies outside of the map")
    expect(page.locator(LATITUDE)).to_be_focused()
    expect(page.locator("#beside")).to_be_hidden()


def test_without_javascript_the_same_is_shown(places: str, visit: Visit) -> None:
    page = visit(places, java_script_enabled=False)
    page.get_by_role("button", name="Predict").click()
    expect(page.locator(".map")).to_have_count(2)
    expect(page.locator(".place tbody tr")).to_have_count(3)
    expect(page.locator(".chart")).to_be_visible()


def test_the_keyboard_reaches_the_tables(places: str, visit: Visit) -> None:
    page = visit(places)
    page.locator(AREA).press("Enter")
    expect(page.locator("#told .big")).to_be_visible()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        focused(page)
        reached.add(page.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert {"Known rows that are most like it", "Month by month"} <= reached


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(places: str, visit: Visit, width: int) -> None:
    assert fits(asked(visit(places, viewport={"width": width, "height": 800})))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(places: str, visit: Visit, scheme: str) -> None:
    page = asked(visit(places, color_scheme=scheme))
    assert page.evaluate((Path(__file__).parent / "contrast.js").read_text()) == []


def test_a_bundle_without_them_shows_nothing_of_it(churn: str, visit: Visit) -> None:
    page = asked(visit(churn))
    expect(page.locator("#beside, .map, .chart")).to_have_count(0)
