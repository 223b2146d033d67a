"""The page / and the documents at /docs, as a server gives them; tests/browser has them shown."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from serving.bundle.loading import Bundle, load
from serving.endpoint import create_app
from serving.routes.page.figures import change, figure, label, percent, points
from serving.routes.page.markup import Html, tag
from tests.support.bundles import CHURN, HOMES, write_bundle

HOSTILE = "<script>alert('x')</script>\"&"
FORM = {"field-0": "12", "field-1": "500.5", "field-2": "0"}


class Controls(HTMLParser):
    """Every element of a page, with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag in tags]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return load(write_bundle(tmp_path_factory.mktemp("page") / "bundle"))


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_every_field_has_one_labelled_control_filled_with_the_first_example(churn: TestClient) -> None:
    page = Controls(churn.get("/").text)
    controls = {c["id"]: c for c in page.of("input", "select") if c.get("type") != "checkbox"}
    assert list(controls) == ["field-0", "field-1", "field-2"]
    assert {found["for"] for found in page.of("label") if "for" in found} == controls.keys()
    assert (controls["field-0"]["value"], controls["field-1"]["value"]) == ("12", "500.5")
    assert (controls["field-0"]["min"], controls["field-0"]["max"]) == ("0", "72")
    assert [option["value"] for option in page.of("option") if "selected" in option] == ["0"]


def test_only_a_field_that_may_be_null_can_be_not_known(churn: TestClient, homes: TestClient) -> None:
    assert [box["name"] for box in Controls(churn.get("/").text).of("input") if box["type"] == "checkbox"] == [
        "field-1-unknown"
    ]
    choices = re.search(r"<select.*?</select>", homes.get("/").text)
    assert choices is not None
    assert "not known" in choices[0]


@pytest.mark.parametrize("number", ["0", "99", "-1", "x", "２", "9" * 5000])
def test_an_example_that_is_not_there_is_the_first(churn: TestClient, number: str) -> None:
    response = churn.get("/", params={"example": number})
    assert response.status_code == 200
    assert 'value="12"' in response.text


def test_a_sent_form_is_answered_as_predict_answers_it(churn: TestClient) -> None:
    response = churn.post("/", data=FORM)
    predicted = churn.post("/predict", json=CHURN.examples[0]).json()
    assert response.status_code == 200
    assert f"{100 * predicted['probability']:.1f} % probability of churn" in text(response.text)


def test_not_known_is_null(churn: TestClient) -> None:
    page = churn.post("/", data=FORM | {"field-1": "7", "field-1-unknown": "on"})
    assert page.status_code == 200
    assert "Total charges not known" in text(page.text)


def test_a_refusal_is_422_with_every_problem_at_its_field_and_what_was_typed_kept(churn: TestClient) -> None:
    response = churn.post("/", data={"field-0": "12,5", "field-1": " ", "field-2": "7"})
    page = Controls(response.text)
    assert response.status_code == 422
    assert {c["id"] for c in page.of("input", "select") if c.get("aria-invalid") == "true"} == {
        "field-0",
        "field-1",
        "field-2",
    }
    assert [c["id"] for c in page.of("input", "select") if "autofocus" in c] == ["field-0"]
    assert "Is not a number. It takes a number in months" in text(response.text)
    assert 'value="12,5"' in response.text


@pytest.mark.parametrize("typed", ["true", "[1]", "null", "NaN", "1e999", "0x10", "1_000", "9" * 400, '"12"'])
def test_what_is_no_number_is_refused(churn: TestClient, typed: str) -> None:
    assert churn.post("/", data=FORM | {"field-0": typed}).status_code == 422


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"field-0=%ff", b"&".join(b"a=%d" % n for n in range(1000))], ids=["bytes", "escape", "flood"]
)
def test_what_is_no_form_of_ours_is_refused_in_words(churn: TestClient, body: bytes) -> None:
    response = churn.post("/", content=body)
    assert response.status_code == 400
    assert "nor is it the form of this page" in response.json()["error"]


def test_refusals_of_the_page_are_counted(whole: Bundle) -> None:
    client = TestClient(create_app(whole))
    client.post("/", data=FORM | {"field-0": "900"})
    refused = re.search(r'^slipway_\w*refus\w*\{field="tenure"[^}]*\} 1\.0$', client.get("/metrics").text, re.MULTILINE)
    assert refused


def test_answers_of_the_page_are_counted_as_explanations(whole: Bundle) -> None:
    client = TestClient(create_app(whole))
    client.post("/", data=FORM)
    counted = [line for line in client.get("/metrics").text.splitlines() if 'route="explain"' in line and "200" in line]
    assert [line for line in counted if line.endswith(" 1.0")]


@pytest.mark.parametrize(("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200)])
def test_another_site_cannot_ask_with_the_key_that_a_browser_keeps(churn: TestClient, site: str, status: int) -> None:
    assert churn.post("/", data=FORM, headers={"sec-fetch-site": site}).status_code == status


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_the_policy_lets_nothing_run_that_is_not_ours_and_nothing_needs_more(churn: TestClient, path: str) -> None:
    response = churn.get(path)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    page = Controls(response.text)
    assert all("src" in script for script in page.of("script"))
    assert not page.of("style")
    inline = [name for _, attributes in page.found for name in attributes if name == "style" or name.startswith("on")]
    assert not inline
    addresses = [a.get(name) for _, a in page.found for name in ("href", "src", "action") if a.get(name)]
    assert not [address for address in addresses if str(address).startswith(("http", "//"))]


@pytest.mark.parametrize("name", ["style.css", "script.js"])
def test_the_files_of_the_page_are_served_once_and_then_known(churn: TestClient, name: str) -> None:
    first = churn.get(f"/page/{name}")
    again = churn.get(f"/page/{name}", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert name.endswith("css") == first.headers["content-type"].startswith("text/css")


def test_names_and_values_that_are_html_stay_text(whole: Bundle) -> None:
    category = whole.signature.inputs[2]
    hostile = category.model_copy(update={"description": HOSTILE, "unit": HOSTILE})
    signature = whole.signature.model_copy(
        update={"title": HOSTILE, "use_case": HOSTILE, "inputs": (*whole.signature.inputs[:2], hostile)}
    )
    record = dict(whole.record) | {"provenance": {"commit": HOSTILE, "decided_at": HOSTILE}}
    record["evaluation"] = dict(record["evaluation"]) | {
        "verdict": {"decision": HOSTILE, "reasons": [HOSTILE]},
        "metrics": [{"name": HOSTILE, "value": HOSTILE}],
    }
    client = TestClient(create_app(replace(whole, signature=signature, record=record)))
    pages = [
        client.get("/"),
        client.get("/docs"),
        client.post("/", data=FORM),
        client.post("/", data={"field-0": HOSTILE}),
    ]
    for page in pages:
        assert "<script>" not in page.text
        assert len(Controls(page.text).of("script")) == 1


@pytest.mark.parametrize(
    "evaluation",
    [
        {},
        {"verdict": None, "metrics": None, "gates": 3, "interval": 1, "outlook": []},
        {"interval": {"coverage": None}, "outlook": {"held_out": None, "rehearsed": {"methods": [1]}}},
        {"metrics": [{}, 1], "gates": [None, {"gate": "x"}], "verdict": []},
    ],
)
def test_a_record_with_parts_missing_leaves_them_out(whole: Bundle, evaluation: dict[str, object]) -> None:
    client = TestClient(create_app(replace(whole, record={"evaluation": evaluation})))
    assert client.get("/").status_code == 200
    assert "Model card" in client.get("/").text


def test_the_model_card_tells_verdict_metrics_gates_and_versions(churn: TestClient) -> None:
    page = text(churn.get("/").text)
    for told in ("promoted", "the gates say promote", "0.84 0.82 to 0.86", "✓ passed", "Training rows 5,283"):
        assert told in page


def test_the_model_card_tells_what_intervals_hold_and_what_forecasts_are_worth(whole: Bundle) -> None:
    figure = {"name": "x", "value": 0.91, "low": 0.9, "high": 0.92}
    outlook = {
        "rehearsed": {"served": "b", "methods": [], "coverage": []},
        "held_out": {
            "served": "b",
            "methods": [{"method": "a", "errors": []}, {"method": "b", "errors": [figure | {"value": 0.053}, figure]}],
            "coverage": [figure],
        },
    }
    interval = {"coverage": figure | {"name": "interval_coverage"}, "mean_width": None}
    rmse = {"name": "rmse", "value": 155230.9, "low": 138312.0, "high": 172150.0}
    evaluation = {"outlook": outlook, "interval": interval, "metrics": [rmse]}
    page = text(TestClient(create_app(replace(whole, record={"evaluation": evaluation}))).get("/").text)
    assert "Outlook error 0.053 0.9 to 0.92 Outlook coverage 0.91" in page
    assert "Interval coverage 0.91" in page
    assert "Rmse 155,231 138,312 to 172,150" in page


def test_the_documents_show_every_route_and_every_field(churn: TestClient) -> None:
    page = churn.get("/docs").text
    for path in churn.get("/openapi.json").json()["paths"]:
        assert f"</span>{path}</h3>" in page
    for field in CHURN.inputs:
        assert f"<code>{field.name}</code>" in page
    assert "curl http://testserver/predict" in page


def test_a_sent_form_asks_for_no_more_than_the_form(homes: TestClient) -> None:
    body = urlencode({"field-0": "100", "field-1": "", "else": "ignored"})
    assert homes.post("/", content=body).status_code == 200
    assert HOMES.inputs[1].nullable


def test_html_is_escaped_unless_it_was_built() -> None:
    assert tag("p", "<b>", tag("i", "&"), None, ["x", Html("<hr>")], class_='"') == (
        '<p class="&quot;">&lt;b&gt;<i>&amp;</i>x<hr></p>'
    )
    assert tag("input", disabled=True, checked=False, value=None, aria_label="a") == '<input disabled aria-label="a">'


def test_figures_are_told_as_people_read_them() -> None:
    assert [figure(n) for n in (0.0, 12.0, -3.5, 206389.4, 0.00012345)] == ["0", "12", "−3.5", "206,389", "0.0001234"]
    assert [percent(share) for share in (0.0, 0.0001, 0.305, 0.9999, 1.0)] == [
        "0\u202f%",
        "< 0.1\u202f%",
        "30.5\u202f%",
        "> 99.9\u202f%",
        "100\u202f%",
    ]
    assert [points(share) for share in (0.2013, -0.05, 0.0001)] == ["+20.1", "−5.0", "0.0"]
    assert [change(value) for value in (1500.0, -0.25, 0.0)] == ["+1,500", "−0.25", "0"]
    assert [label(name) for name in ("monthly_charges", "_", "")] == ["Monthly charges", "_", ""]


def test_the_files_of_the_page_lie_in_the_package() -> None:
    folder = Path(__file__).parents[2] / "serving/routes/page"
    assert {"style.css", "script.js"} <= {path.name for path in folder.iterdir()}
