"""The page as people meet it, in headless Chromium."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

PICTURES = Path(os.environ.get("SLIPWAY_SCREENSHOTS", "build/screenshots"))
NAMED = os.environ.get("SLIPWAY_SCREENSHOTS_NAMED", "page")
WIDTHS = {"desktop": (1280, 1000), "phone": (390, 844)}


def fits(page: Page) -> bool:
    wide: bool = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return wide


def focused(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.id || document.activeElement.textContent")
    return found


def tab_to(page: Page, name: str) -> None:
    """Press Tab until a control is reached, as a keyboard alone can."""
    for _ in range(60):
        if focused(page) == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {name}")


def test_the_keyboard_alone_fills_the_form_and_gets_the_answer_with_its_explanation(churn: str, visit: Visit) -> None:
    page = visit(churn)
    tab_to(page, "field-0")
    page.keyboard.type("12")
    tab_to(page, "field-2")
    page.keyboard.press("T")
    tab_to(page, "Predict")
    page.keyboard.press("Enter")
    expect(page.locator("#told .big")).to_have_text("83.2\u202f%")
    expect(page.locator("#told")).to_contain_text("At or above the threshold of 60\u202f%: label 1")
    fields = page.locator(".contributions tbody th")
    assert set(fields.all_inner_texts()) >= {"Tenure\n12", "Contract\nTwo year"}
    assert page.url == churn, "the script asked, no new page came"
    expect(page.locator("#said")).to_contain_text("probability 83.2\u202f%")


def test_enter_in_a_field_asks_too(churn: str, visit: Visit) -> None:
    page = visit(churn)
    page.locator("#field-0").press("Enter")
    expect(page.locator("#told .big")).to_be_visible()


def test_a_refusal_stands_at_its_field_which_gets_the_focus(churn: str, visit: Visit) -> None:
    page = visit(churn)
    page.locator("#field-0").fill("900")
    page.locator("#field-1").fill("")
    page.get_by_role("button", name="Predict").click()
    problem = page.locator("#field-0-problem")
    expect(problem).to_contain_text("Is outside the range that training saw. It takes a number in months")
    expect(page.locator("#field-0")).to_be_focused()
    expect(page.locator("#field-0")).to_have_attribute("aria-invalid", "true")
    assert "field-0-problem" in str(page.locator("#field-0").get_attribute("aria-describedby"))
    expect(page.locator("#field-1-problem")).to_contain_text("Is missing")
    expect(page.locator("#said")).to_have_text("Not answered: 2 entries need another look.")
    page.locator("#field-0").fill("9")
    page.get_by_label("not known").check()
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#told .big")).to_be_visible()
    expect(problem).to_be_hidden()
    expect(page.locator("[aria-invalid]")).to_have_count(0)


def test_what_is_not_known_cannot_be_typed(churn: str, visit: Visit) -> None:
    page = visit(churn)
    page.get_by_label("not known").check()
    expect(page.locator("#field-1")).to_be_disabled()
    page.get_by_label("not known").uncheck()
    expect(page.locator("#field-1")).to_be_enabled()


def test_another_example_fills_the_form(churn: str, visit: Visit) -> None:
    page = visit(churn)
    page.get_by_role("link", name="Example 2").click()
    expect(page.locator("#field-0")).to_have_value("0")
    expect(page.get_by_label("not known")).to_be_checked()
    expect(page.locator("#field-2 option:checked")).to_have_text("Two year")


def test_without_javascript_the_same_answer_comes_as_a_new_page(churn: str, visit: Visit) -> None:
    page = visit(churn, java_script_enabled=False)
    page.locator("#field-0").fill("40")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#told .big")).to_have_text("88.1\u202f%")
    expect(page.locator("#field-0")).to_have_value("40")
    page.locator("#field-0").fill("900")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#field-0-problem")).to_contain_text("Is outside the range that training saw")


def test_a_network_that_fails_is_told_in_words(churn: str, visit: Visit) -> None:
    page = visit(churn)
    page.context.set_offline(True)
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#told")).to_contain_text("The endpoint could not be reached.")
    expect(page.get_by_role("button", name="Predict")).not_to_have_attribute("aria-disabled", "true")


def test_a_value_is_shown_with_its_unit_and_interval(homes: str, visit: Visit) -> None:
    page = visit(homes)
    page.locator("#field-0").fill("250")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#told .big")).to_have_text("250,000USD")
    expect(page.locator("#told")).to_contain_text(
        "230,000 to 280,000 USD: here the truth lies for 90\u202f% of all rows"
    )


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("path", ["", "docs"])
def test_nothing_is_wider_than_the_screen(shown: str, visit: Visit, width: int, path: str) -> None:
    page = visit(shown + path, viewport={"width": width, "height": 800})
    assert fits(page)
    if not path:
        page.get_by_role("button", name="Predict").click()
        expect(page.locator("#told .big")).to_be_visible()
        assert fits(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(churn: str, visit: Visit, scheme: str) -> None:
    page = visit(churn, color_scheme=scheme)
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#told .big")).to_be_visible()
    assert page.evaluate((Path(__file__).parent / "contrast.js").read_text()) == []


def test_pictures_of_the_page(shown: str, visit: Visit) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for device, (width, height) in WIDTHS.items():
        page = visit(shown, viewport={"width": width, "height": height}, reduced_motion="reduce")
        page.get_by_role("button", name="Predict").click()
        expect(page.locator("#told .big")).to_be_visible()
        for name, picture in taken(page, device).items():
            (PICTURES / f"{NAMED}-{name}.png").write_bytes(picture)
            assert 5_000 < len(picture) < 450_000


def taken(page: Page, device: str) -> dict[str, bytes]:
    """On a phone the screen, and what is told beside; on a desktop all down to the model card, and the card."""
    if device == "phone":
        screen, beside = page.screenshot(), page.locator("#beside")
        return {device: screen} | ({"beside": beside.screenshot()} if beside.count() else {})
    page.evaluate("window.scrollTo(0, 0)")
    card = page.locator(".card")
    box = card.bounding_box()
    assert box is not None
    above = {"x": 0, "y": 0, "width": WIDTHS[device][0], "height": box["y"]}
    return {device: page.screenshot(full_page=True, clip=above), "card": card.screenshot()}


def test_a_browser_is_asked_for_the_key_as_a_password_and_keeps_it(locked: tuple[str, str], visit: Visit) -> None:
    address, key = locked
    page = visit(address, http_credentials={"username": "anybody", "password": key})
    page.get_by_role("button", name="Predict").click()
    page.get_by_text("probability of churn").wait_for()
    page.get_by_role("link", name="API").click()
    page.get_by_text("/predict").first.wait_for()
