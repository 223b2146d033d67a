"""Fields that are calendar days."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import jsonschema
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from serving.bundle.loading import BundleInvalid, load
from serving.bundle.signature import Signature
from serving.endpoint import create_app
from serving.inputs.decoding import Decoder
from serving.inputs.problems import RequestRefused
from serving.inputs.schema import row_type
from tests.support.bundles import SALES, seal, write_bundle


@pytest.fixture(scope="module", params=[True, False], ids=["by codes", "by strings"])
def sales(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = write_bundle(tmp_path_factory.mktemp("sales") / "bundle", SALES)
    if not request.param:
        (folder / "coded.onnx").unlink()
        manifest = json.loads((folder / "manifest.json").read_text())
        del manifest["files"]["coded.onnx"]
        (folder / "manifest.json").write_text(json.dumps(manifest))
    with TestClient(create_app(load(folder))) as client:
        yield client


def test_a_day_is_its_number_to_the_model_whether_one_row_is_asked_or_many(sales: TestClient) -> None:
    row = {"sold": "1970-01-11", "heating": "oil"}
    assert sales.post("/predict", json=row).json()["value"] == 11.0
    many = sales.post("/predict", json={"rows": [row, row | {"sold": "2016-02-29"}]}).json()["predictions"]
    assert [one["value"] for one in many] == [11.0, 16861.0]


def test_an_interval_of_shares_counts_of_the_value(sales: TestClient) -> None:
    told = sales.post("/predict", json={"sold": "1970-04-11", "heating": None}).json()
    assert (told["value"], told["interval"]) == (100.0, {"low": 90.0, "high": 120.0, "level": 0.9})


@pytest.mark.parametrize(
    "sent", ["2015-02-29", "2016-13-01", "2016-1-1", "31.01.2016", "2016-01-01\n", "1899-12-31", "٢٠١٦-٠١-٠١", ""]
)
def test_what_is_no_day_is_refused_with_what_is_taken(sales: TestClient, sent: str) -> None:
    answer = sales.post("/predict", json={"sold": sent, "heating": "gas"})
    [problem] = answer.json()["problems"]
    assert answer.status_code == 422
    assert (problem["field"], problem["problem"]) == ("sold", "is not a date")
    assert problem["allowed"] == "a date such as '2016-01-31' (training saw 2013-10-22 to 2015-12-31)"


def test_a_day_after_training_is_answered_without_a_remark(sales: TestClient) -> None:
    answer = sales.post("/predict", json={"sold": "2031-05-06", "heating": "gas"})
    assert (answer.status_code, answer.json()["warnings"]) == (200, [])


def test_a_day_is_explained_as_it_was_sent(sales: TestClient) -> None:
    told = sales.post("/explain", json={"sold": "2016-01-10", "heating": "gas"}).json()["contributions"]
    assert {one["field"]: one["value"] for one in told} == {"sold": "2016-01-10", "heating": "gas"}
    assert {one["field"]: one["contribution"] for one in told}["sold"] == pytest.approx(10.0)


def test_the_page_asks_for_a_day(sales: TestClient) -> None:
    page = sales.get("/").text
    assert 'type="date" value="2015-12-31"' in page
    assert "training saw 2013-10-22 to 2015-12-31" in page


def test_other_protocols_send_days_as_text(sales: TestClient) -> None:
    frame = {"dataframe_split": {"columns": ["sold", "heating"], "data": [["1970-01-11", "gas"]]}}
    inputs = [
        {"name": name, "shape": [1], "datatype": "BYTES", "data": [cell]}
        for name, cell in (("sold", "1970-01-11"), ("heating", "gas"))
    ]
    assert sales.post("/invocations", json=frame).json()["predictions"] == [{"prediction": 10.0}]
    assert sales.post("/v2/models/sales/infer", json={"inputs": inputs}).json()["outputs"][0]["data"] == [10.0]


SIGNATURE = Signature.model_validate_json(SALES.model_dump_json())
DECODER = Decoder(SIGNATURE)
DOCUMENTED = jsonschema.Draft202012Validator(TypeAdapter(row_type(SIGNATURE)).json_schema())
NEARLY = st.from_regex(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z") | st.text(max_size=12)


@given(NEARLY)
def test_what_is_documented_is_what_is_taken(day: str) -> None:
    row = {"sold": day, "heating": "gas"}
    try:
        DECODER.decode(json.dumps(row).encode())
        taken = True
    except RequestRefused:
        taken = False
    assert taken == DOCUMENTED.is_valid(row) == _is_a_day(day)


def _is_a_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text and "1900" <= text[:4] < "2200"
    except ValueError:
        return False


def test_every_day_of_three_centuries_is_one() -> None:
    days = (date(1900, 1, 1) + timedelta(days=n) for n in range((date(2200, 1, 1) - date(1900, 1, 1)).days))
    assert DECODER.check([{"sold": day.isoformat(), "heating": None} for day in days])


def test_a_bundle_whose_example_is_no_day_is_refused(tmp_path: Path) -> None:
    broken = SALES.model_copy(update={"examples": ({"sold": "2015-02-29", "heating": "gas"},)})
    folder = write_bundle(tmp_path / "bundle", SALES)
    (folder / "signature.json").write_text(broken.model_dump_json())
    (folder / "manifest.json").unlink()
    seal(folder)
    with pytest.raises(BundleInvalid, match="sold is not a date"):
        create_app(load(folder))
