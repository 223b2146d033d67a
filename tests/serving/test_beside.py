"""What a bundle may hold to be told beside predictions: comparable rows, and the outlook."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from serving.bundle import beside
from serving.bundle.loading import BundleInvalid, load
from serving.endpoint import create_app
from serving.model.outlook import month
from slipway.core import comparables as core_comparables
from slipway.core import evaluation as core_evaluation
from slipway.core import outlook as core_outlook
from tests.support.bundles import CHURN, COMPARABLES, PLACES, outlook, seal, write_bundle, write_places

ROW = PLACES.examples[0]
FORM = {"field-0": "2016-01-10", "field-1": "0", "field-2": "100", "field-3": "47.6", "field-4": "-122.3"}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with TestClient(create_app(load(write_places(tmp_path_factory.mktemp("places") / "bundle")))) as client:
        yield client


def ask(client: TestClient, path: str, **changes: Any) -> dict[str, Any]:
    response = client.post(path, json=ROW | changes)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def refused(client: TestClient, path: str, row: Any) -> list[dict[str, Any]]:
    response = client.post(path, json=row)
    assert response.status_code == 422, response.text
    problems: list[dict[str, Any]] = response.json()["problems"]
    return problems


def found(client: TestClient, **changes: Any) -> list[str]:
    return [one["day"] for one in ask(client, "/comparables", **changes)["comparables"]]


def spoilt(folder: Path, name: str, change: Any) -> BundleInvalid:
    path = write_places(folder) / name
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    seal(folder)
    with pytest.raises(BundleInvalid) as caught:
        load(folder)
    return caught.value


@pytest.mark.parametrize("path", ["/comparables", "/outlook"])
def test_each_answers_what_predict_answers_and_one_thing_more(places: TestClient, path: str) -> None:
    answer, predicted = ask(places, path), ask(places, "/predict")
    assert answer.keys() - predicted.keys() == {path[1:]}
    assert {k: v for k, v in answer.items() if k in predicted and k != "request_id"} == {
        k: v for k, v in predicted.items() if k != "request_id"
    }


def test_rows_near_in_place_size_and_time_come_first_and_none_of_another_kind(places: TestClient) -> None:
    assert found(places) == ["2015-12-01", "2015-12-20", "2015-03-01"]
    assert found(places, district="shore") == ["2015-06-15"]
    assert found(places, district="moor") == []
    assert found(places, district=None) == ["2015-12-01", "2015-12-20", "2015-06-15"]


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"latitude": 47.61}, "2015-12-20"),
        ({"latitude": None, "longitude": None, "area": 112.0}, "2015-12-20"),
        ({"latitude": None, "longitude": None, "area": None, "sold": "2014-12-02"}, "2014-12-01"),
    ],
    ids=["place", "size", "time"],
)
def test_each_of_the_three_counts(places: TestClient, changes: dict[str, Any], first: str) -> None:
    assert found(places, **changes)[0] == first


def test_what_a_comparable_row_came_to_is_told_with_its_distance(places: TestClient) -> None:
    nearest = ask(places, "/comparables")["comparables"][0]
    assert (nearest["value"], nearest["row"]["area"]) == (90_000.0, 95.0)
    assert nearest["km"] == pytest.approx(0.75, abs=0.01)
    assert ask(places, "/comparables", latitude=None)["comparables"][0]["km"] is None


@pytest.mark.parametrize(("field", "sent"), [("latitude", 0.0), ("longitude", 122.3), ("latitude", 3e38)])
def test_a_place_outside_of_the_map_is_refused_at_its_field(places: TestClient, field: str, sent: float) -> None:
    problem = refused(places, "/comparables", ROW | {field: sent})[0]
    assert (problem["field"], problem["problem"]) == (field, "lies outside of the map")
    assert problem["allowed"].startswith("a number from ")


def test_a_value_goes_the_way_of_its_group_from_the_last_day_known(places: TestClient) -> None:
    path = ask(places, "/outlook")["outlook"]
    assert (path["day"], path["value"], path["level"]) == ("2015-12-30", 100_000.0, 1000.0)
    assert [one["month"] for one in path["ahead"]] == ["2016-01", "2016-02", "2016-03"]
    assert [one["value"] for one in path["ahead"]] == pytest.approx([101_000, 102_010, 103_030.1])
    assert path["ahead"][0]["low"] == pytest.approx(90_900)
    assert path["ahead"][0]["high"] == pytest.approx(111_100)


def test_the_value_that_goes_on_is_that_of_the_last_day_and_not_of_the_day_asked(tmp_path: Path) -> None:
    """The model of SALES says the day's own number."""
    from tests.support.bundles import SALES

    levels = outlook().model_copy(update={"by": "heating", "groups": {"gas": outlook().groups["hill"]}})
    client = TestClient(create_app(load(write_bundle(tmp_path / "bundle", SALES, outlook=levels))))
    path = client.post("/outlook", json={"sold": "2020-01-01", "heating": "gas"}).json()["outlook"]
    assert path["value"] == 16_799.0


def test_months_that_were_are_told_with_their_gaps(places: TestClient) -> None:
    history = ask(places, "/outlook")["outlook"]["history"]
    assert history == [
        {"month": "2015-10", "level": 900.0, "rows": 20},
        {"month": "2015-11", "level": None, "rows": 1},
        {"month": "2015-12", "level": 1000.0, "rows": 25},
    ]


def test_the_outlook_tells_what_it_could_not_beat(places: TestClient) -> None:
    backtest = ask(places, "/outlook")["outlook"]["backtest"]
    assert (backtest["beaten"], backtest["not_beaten"]) == (["persistence"], ["seasonal naive"])
    assert backtest["errors"][0]["value"] == 0.05


@pytest.mark.parametrize("district", ["moor", None])
def test_a_group_without_levels_is_refused_with_those_that_have_some(places: TestClient, district: str | None) -> None:
    problem = refused(places, "/outlook", ROW | {"district": district})[0]
    assert problem["field"] == "district"
    assert problem["sent"] == district
    assert problem["allowed"] == "one of 'hill', 'shore'"


@pytest.mark.parametrize("path", ["/comparables", "/outlook"])
def test_one_row_at_a_time_and_what_predict_refuses_is_refused(places: TestClient, path: str) -> None:
    assert refused(places, path, {"rows": [ROW, ROW]})[0]["field"] == "rows"
    assert refused(places, path, ROW | {"district": "valley"})[0]["problem"] == "is not an allowed value"
    assert places.post(path, content=b"{", headers={"content-type": "application/json"}).status_code == 400
    assert places.post(path, content=b"{}", headers={"content-type": "text/plain"}).status_code == 415


def test_openapi_documents_both_and_their_answers_fit(places: TestClient) -> None:
    document = places.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    for path, name in (("/comparables", "ComparablesAnswer"), ("/outlook", "OutlookAnswer")):
        answer = ask(places, path)
        assert answer.keys() == schemas[name]["properties"].keys()
    path, one = ask(places, "/outlook")["outlook"], ask(places, "/comparables")["comparables"][0]
    for told, name in ((path, "Path"), (path["ahead"][0], "MonthAhead"), (one, "Comparable")):
        assert told.keys() == schemas[name]["properties"].keys()


def test_a_bundle_without_them_has_neither_route_nor_code(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "bundle", CHURN)
    code = (
        "import sys; from pathlib import Path; from serving.bundle.loading import load; "
        "from serving.endpoint import create_app; from fastapi.testclient import TestClient; "
        f"client = TestClient(create_app(load(Path({str(folder)!r})))); client.post('/', data={{'field-0': '12'}}); "
        "print([client.post(path, json={}).status_code for path in ('/comparables', '/outlook')], "
        "sorted(m for m in sys.modules if m.startswith('serving') and m.rpartition('.')[2] in "
        "('beside', 'comparables', 'outlook', 'place', 'path')))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[404, 404] []"


def test_they_are_counted_with_explanations_and_as_one_prediction_each(tmp_path: Path) -> None:
    client = TestClient(create_app(load(write_places(tmp_path / "bundle"))))
    for path in ("/comparables", "/outlook"):
        ask(client, path)
    lines = client.get("/metrics").text.splitlines()
    assert [line for line in lines if 'route="explain",status="200"' in line and line.endswith(" 2.0")]
    assert [line for line in lines if line.startswith("slipway_predictions_total") and line.endswith(" 2.0")]


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("comparables.json", lambda d: d["alike"].update(place=["north", "longitude"]), "has no column north"),
        ("comparables.json", lambda d: d["alike"].update(same=["area"]), "speaks of area as a category"),
        ("comparables.json", lambda d: d["columns"].update(other=[1.0] * 5), "speaks of other, which signature.json"),
        ("comparables.json", lambda d: d.update(target=[1.0]), "of different lengths"),
        ("comparables.json", lambda d: d["columns"].update(area=[0.0] * 5), "a size is not above 0"),
        ("comparables.json", lambda d: d["columns"].update(latitude=["n"] * 5), "is no number"),
        ("comparables.json", lambda d: d.update(days=["2015-13-01"] * 5), "days.0"),
        ("outlook.json", lambda d: d.update(by="area"), "speaks of area as a category"),
        ("outlook.json", lambda d: d.update(last_day="yesterday"), "last_day"),
        ("outlook.json", lambda d: d["groups"]["hill"].update(now=0.0), "groups.hill.now"),
        ("outlook.json", lambda d: d["backtest"].update(served="a guess"), "no errors of the method that serves"),
        ("outlook.json", lambda d: d.update(more=1), "more"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_document_that_cannot_be_is_refused_at_the_start(tmp_path: Path, name: str, change: Any, told: str) -> None:
    refusal = spoilt(tmp_path / "bundle", name, change)
    assert refusal.file == name
    assert told in str(refusal)


def test_only_values_have_levels_and_comparable_rows(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "bundle", CHURN, outlook=outlook())
    with pytest.raises(BundleInvalid, match=r"outlook\.json: belongs to no classification"):
        load(folder)


def test_serving_and_training_declare_the_same_documents() -> None:
    for mine, theirs in (
        (beside.Alike, core_comparables.Alike),
        (beside.ComparableRows, core_comparables.ComparableRows),
        (beside.Ahead, core_outlook.Ahead),
        (beside.GroupOutlook, core_outlook.GroupOutlook),
        (beside.Outlook, core_outlook.Outlook),
        (beside.Backtest, core_evaluation.Backtest),
        (beside.MethodResult, core_evaluation.MethodResult),
        (beside.Figure, core_evaluation.Metric),
    ):
        assert set(mine.model_fields) == set(theirs.model_fields)
    for document, kind in ((COMPARABLES, beside.ComparableRows), (outlook(), beside.Outlook)):
        written = document.model_dump_json()
        assert kind.model_validate_json(written).model_dump_json() == written


@pytest.mark.parametrize(
    ("last", "further", "name"), [("2015-12", 1, "2016-01"), ("2015-12", -35, "2013-01"), ("2016-01", 0, "2016-01")]
)
def test_months_are_counted_over_the_turn_of_the_year(last: str, further: int, name: str) -> None:
    assert month(last, further) == name


def test_the_page_shows_map_comparable_rows_and_path(places: TestClient) -> None:
    page = places.post("/", data=FORM).text
    assert page.count("<svg") >= 3
    assert "Map of 3 comparable rows within" in page
    assert "2015-12-01" in page
    assert "If it goes the way of district hill, from 100,000 USD on 2015-12-30 to" in page
    assert "103,000 USD" in page
    assert "Proved closer than persistence; not than seasonal naive" in page


def test_before_a_question_the_page_shows_none_of_it(places: TestClient) -> None:
    page = places.get("/").text
    assert '<div id="beside"></div>' in page
    assert "<svg" not in page


def test_without_a_place_there_is_no_map_and_without_a_group_no_path(places: TestClient) -> None:
    sent = {"field-0": "2016-01-10", "field-1": "", "field-2-unknown": "on", "field-3-unknown": "on",
            "field-4-unknown": "on"}  # fmt: skip
    page = places.post("/", data=sent)
    assert page.status_code == 200
    assert 'class="map"' not in page.text
    assert 'class="path"' not in page.text
    assert "not known" in page.text
    moor = places.post("/", data=FORM | {"field-1": "1"}).text
    assert "No known row is like it." in moor
    assert 'class="map"' in moor
    assert 'class="path"' not in moor


def test_a_place_outside_of_the_map_is_told_at_its_field_on_the_page(places: TestClient) -> None:
    page = places.post("/", data=FORM | {"field-3": "10"})
    assert page.status_code == 422
    assert "Lies outside of the map. It takes a number from" in page.text
    assert '<div id="beside"></div>' in page.text


def test_the_page_of_a_bundle_without_them_has_no_place_for_them(churn: TestClient) -> None:
    assert "beside" not in churn.get("/").text
