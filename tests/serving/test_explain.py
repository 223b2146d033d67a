"""POST /explain, and the Shapley values behind it."""

import itertools
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from serving.bundle.loading import load
from serving.bundle.signature import Field, Signature
from serving.endpoint import create_app
from serving.inputs.decoding import Decoder
from serving.model.explaining import Explainer, Explanation
from serving.model.session import Columns, Model
from tests.support.bundles import CHURN, HOMES, write_bundle

NUMBERS = ("a", "b", "c")


class Formula:
    """A model that is a formula over columns; it stands for an ONNX session in these tests."""

    def __init__(self, signature: Signature, formula: Callable[..., Any]) -> None:
        self._fields = signature.inputs
        self._formula = formula
        self.evaluated = 0

    def columns(self, rows: Sequence[Any]) -> Columns:
        return Model.columns(self, rows)  # type: ignore[arg-type]

    def predict(self, columns: Columns) -> Any:
        cells = [column[:, 0] for column in columns.values()]
        self.evaluated += len(cells[0])
        return np.asarray(self._formula(*cells), dtype=np.float64) * np.ones(len(cells[0]))


def signature(names: Sequence[str] = NUMBERS) -> Signature:
    fields = tuple(Field(name=name, type="number", nullable=True) for name in names)
    example: dict[str, float | str | None] = dict.fromkeys(names, 0.0)
    return Signature(
        use_case="formula", title="A formula", task="regression", inputs=fields, output="y", examples=(example,)
    )


def background(rows: int, names: Sequence[str] = NUMBERS) -> list[dict[str, float]]:
    numbers = np.random.default_rng(3).normal(size=(rows, len(names))).astype(np.float32)
    return [dict(zip(names, map(float, row), strict=True)) for row in numbers]


def explained(formula: Callable[..., Any], row: Sequence[float | None], rows: Sequence[dict[str, Any]]) -> Explanation:
    names = list(rows[0])
    decoder = Decoder(signature(names))
    explainer = Explainer(Formula(signature(names), formula), decoder.check(rows).rows)  # type: ignore[arg-type]
    return explainer.explain(decoder.check([dict(zip(names, row, strict=True))]).rows[0])


def exact(formula: Callable[..., Any], row: Sequence[float], rows: Sequence[dict[str, float]]) -> list[float]:
    """Shapley values by their definition: every order of the fields, for every background row."""
    changes = []
    for start in rows:
        for order in itertools.permutations(range(len(row))):
            cells, before, change = list(start.values()), formula(*start.values()), [0.0] * len(row)
            for field in order:
                cells[field] = row[field]
                change[field] = formula(*cells) - before
                before = formula(*cells)
            changes.append(change)
    return [float(mean) for mean in np.mean(changes, axis=0)]


def curved(a: Any, b: Any, c: Any) -> Any:
    return np.sin(2 * a) * b + a * b * c + 0.5 * c**2


def ask(client: TestClient, row: Any) -> dict[str, Any]:
    response = client.post("/explain", json=row)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def by_field(answer: dict[str, Any]) -> dict[str, float]:
    return {one["field"]: one["contribution"] for one in answer["contributions"]}


def test_a_curved_formula_is_explained_as_all_orders_would_within_the_stated_error() -> None:
    row, rows = (0.8, -1.2, 1.5), background(64)
    found, right = explained(curved, row, rows), exact(curved, row, rows)
    assert found.errors is not None
    off = np.abs(found.contributions - right)
    assert (off < 2 * found.errors).all()
    assert (off > 1e-9).any(), "the orders are sampled: were they all walked, this test would say nothing of the error"


def test_the_stated_error_is_as_large_as_the_spread_over_other_backgrounds() -> None:
    row, pool = (0.8, -1.2, 1.5), background(64 * 60)
    many = [explained(curved, row, pool[start : start + 64]) for start in range(0, len(pool), 64)]
    spread = np.std([one.contributions for one in many], axis=0, ddof=1)
    stated = np.mean([one.errors for one in many], axis=0)
    assert stated == pytest.approx(spread, rel=0.35)


def test_a_linear_model_gives_weight_times_distance_from_the_mean() -> None:
    rows = background(64)
    found = explained(lambda a, b, c: 3.0 * a - 2.0 * b + 0.0 * c, (1.0, 2.0, 3.0), rows)
    means = np.mean([list(row.values()) for row in rows], axis=0)
    assert found.contributions == pytest.approx([3 * (1 - means[0]), -2 * (2 - means[1]), 0], abs=1e-6)


def test_a_model_of_a_logarithm_is_explained_in_what_it_answers() -> None:
    rows = background(64)
    found = explained(lambda a, b, c: np.exp(12 + a + b * c), (0.5, 1.0, -1.0), rows)
    prices = [float(np.exp(np.float32(12 + row["a"] + row["b"] * row["c"]))) for row in rows]
    assert found.base == pytest.approx(np.mean(prices), rel=1e-4), "the mean of prices, not of their logarithms"
    assert found.base + math.fsum(found.contributions) == pytest.approx(found.prediction, rel=1e-12)
    assert found.prediction == pytest.approx(np.exp(11.5))


def test_a_field_that_the_model_ignores_gets_exactly_nothing() -> None:
    found = explained(lambda a, b, c: np.exp(a) * c, (1.0, 2.0, 3.0), background(64))
    assert found.contributions[1] == 0
    assert found.errors is not None
    assert found.errors[1] == 0


def test_fields_that_do_the_same_get_the_same() -> None:
    rows = [{"a": row["a"], "b": row["a"]} for row in background(64)]
    found = explained(lambda a, b: np.exp(a * b), (1.5, 1.5), rows)
    assert found.contributions[0] == pytest.approx(found.contributions[1], abs=1e-12)


def test_null_is_a_value_like_any_other() -> None:
    rows = [{"a": 1.0, "b": 2.0}, {"a": None, "b": 2.0}]
    found = explained(lambda a, b: np.where(np.isnan(a), 10.0, a) + b, (None, 2.0), rows)
    assert found.contributions.tolist() == [4.5, 0.0]
    assert found.base + 4.5 == found.prediction


def test_a_row_like_all_background_is_its_own_base() -> None:
    found = explained(lambda a, b: a + b, (1.0, 2.0), [{"a": 1.0, "b": 2.0}] * 3)
    assert (found.base, found.prediction, found.contributions.tolist()) == (3.0, 3.0, [0.0, 0.0])


def test_one_background_row_states_no_error() -> None:
    assert explained(lambda a, b: a * b, (1.0, 2.0), [{"a": 3.0, "b": 4.0}]).errors is None


def test_fields_that_agree_with_the_background_cost_nothing() -> None:
    decoder, model = Decoder(signature()), Formula(signature(), curved)
    explainer = Explainer(model, decoder.check([{"a": 1.0, "b": 2.0, "c": 3.0}] * 64).rows)  # type: ignore[arg-type]
    explainer.explain(decoder.check([{"a": 1.0, "b": 2.0, "c": 9.0}]).rows[0])
    assert model.evaluated == 64 + 1


def test_a_model_of_many_fields_is_explained_in_a_bounded_number_of_evaluations() -> None:
    names = [f"field {number}" for number in range(400)]
    decoder, model = Decoder(signature(names)), Formula(signature(names), lambda *cells: sum(cells))
    explainer = Explainer(model, decoder.check(background(64, names)).rows)  # type: ignore[arg-type]
    found = explainer.explain(decoder.check([dict.fromkeys(names, 1.0)]).rows[0])
    assert model.evaluated < 11_000
    assert found.base + math.fsum(found.contributions) == pytest.approx(found.prediction, rel=1e-9)


@pytest.mark.parametrize("kind", ["churn", "homes"])
def test_contributions_add_up_to_what_predict_answers(kind: str, request: pytest.FixtureRequest) -> None:
    client: TestClient = request.getfixturevalue(kind)
    for row in {"churn": CHURN, "homes": HOMES}[kind].examples:
        answer, predicted = ask(client, row), client.post("/predict", json=row).json()
        total = answer["base"] + math.fsum(by_field(answer).values())
        assert total == pytest.approx(answer["prediction"], abs=1e-9)
        assert answer["prediction"] == predicted["probability" if kind == "churn" else "value"]
        assert predicted.keys() <= answer.keys()


def test_a_contribution_tells_its_field_what_was_sent_and_comes_in_order_of_size(churn: TestClient) -> None:
    row = CHURN.examples[0]
    told = ask(churn, row)["contributions"]
    assert {one["field"]: one["value"] for one in told} == row
    sizes = [abs(one["contribution"]) for one in told]
    assert sizes == sorted(sizes, reverse=True)
    assert by_field(ask(churn, row))["total charges"] == 0, "the model does not look at it"


def test_equal_questions_get_equal_answers_from_every_process(tmp_path: Path) -> None:
    bundle = load(write_bundle(tmp_path / "bundle"))
    answers = [ask(TestClient(create_app(bundle)), CHURN.examples[0]) for _ in range(2)]
    assert answers[0]["contributions"] == answers[1]["contributions"]
    assert answers[0]["request_id"] != answers[1]["request_id"]


def test_many_rows_are_refused_in_words(churn: TestClient) -> None:
    response = churn.post("/explain", json={"rows": list(CHURN.examples)})
    assert response.status_code == 422
    assert response.json()["problems"][0]["problem"] == "is a list, and one row is explained at a time"


def test_what_predict_refuses_is_refused_alike(churn: TestClient) -> None:
    row = CHURN.examples[0] | {"tenure": "long"}
    refused = [churn.post(path, json=row) for path in ("/explain", "/predict")]
    assert [response.status_code for response in refused] == [422, 422]
    assert refused[0].json() == refused[1].json()


def test_another_content_type_is_refused(churn: TestClient) -> None:
    assert churn.post("/explain", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415


def test_openapi_tells_what_an_explanation_holds(churn: TestClient) -> None:
    answer = ask(churn, CHURN.examples[0])
    schemas = churn.get("/openapi.json").json()["components"]["schemas"]
    assert set(schemas["ClassificationExplanation"]["required"]) <= answer.keys()
    assert answer.keys() <= schemas["ClassificationExplanation"]["properties"].keys()
    assert answer["contributions"][0].keys() == schemas["Contribution"]["properties"].keys()
