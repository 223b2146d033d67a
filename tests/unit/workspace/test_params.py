from pathlib import Path

import pytest

from slipway.core.errors import ParamsInvalid
from slipway.workspace.params import parse_params, read_params

TEXT = (Path(__file__).parents[3] / "params.yaml").read_text()


def refusal(old: str, new: str) -> str:
    assert old in TEXT
    with pytest.raises(ParamsInvalid) as refused:
        parse_params(TEXT.replace(old, new, 1))
    return refused.value.what


def test_the_committed_file_parses() -> None:
    assert parse_params(TEXT).use_cases["churn"].split.holdout_share == 0.25


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("num_leaves", "num_leafs", "use_cases.churn.train.num_leafs: unknown key, did you mean num_leaves?"),
        (
            "{metric: roc_auc, min",
            "{metric: roc_auc, mim",
            "use_cases.churn.gates.absolute.0.mim: unknown key, did you mean min?",
        ),
        ("out_of_range: refuse", "out_of_range: wran", 'serve.out_of_range: "wran" is not allowed, expected'),
        ("left_out", "leftout", "use_cases.churn.serve.log.leftout: unknown key, did you mean left_out?"),
        ("max_drop", "maxdrop", "use_cases.churn.gates.slices.maxdrop: unknown key, did you mean max_drop?"),
        (
            "estimator: lightgbm",
            "estimator: lightgb",
            "use_cases.churn.train.estimator: unknown, did you mean lightgbm?",
        ),
        ("seed: 7", "seed: seven", 'use_cases.churn.train.seed: "seven" is not allowed, expected a valid integer'),
        ("seed: 7", "seed: -1", "use_cases.churn.train.seed: -1 is not allowed, expected greater than or equal to 0"),
        ("holdout_share: 0.25", "holdout_share: '0.25'", 'use_cases.churn.split.holdout_share: "0.25" is not allowed'),
        ("    split:", "    spilt:", "use_cases.churn.split: this key is missing"),
        ("threshold: 0.3", "threshold: 1.3", "use_cases.churn.evaluate.threshold: 1.3 is not allowed"),
        ("    split:", "    split: 1\n    split:", "the key 'split' is given twice"),
        ("    split:", "   split:", "does not parse"),
        ("threshold: 0.3", "threshold: .nan", "does not parse"),
        ("{metric: roc_auc, min: 0.80}", "{metric: roc_auc}", "expected a bound, min or max"),
        (
            "max_drop: 0.03",
            "max_drop: 0.03, strict: [contract]",
            'gates.slices.strict.0: "contract" is not allowed, expected column=value, such as contract=Two year',
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_nearest_valid_name(old: str, new: str, told: str) -> None:
    assert told in refusal(old, new)


def test_several_mistakes_are_told_at_once() -> None:
    told = refusal("num_leaves: 8\n      min_child_samples", "num_leafs: 8\n      min_child_sample")
    assert "num_leafs" in told
    assert "min_child_sample:" in told


def test_a_section_without_serve_refuses_what_is_out_of_range() -> None:
    serve = parse_params(TEXT.partition("    serve:")[0]).use_cases["churn"].serve
    assert (serve.out_of_range, serve.refused, serve.log.hashed) == ("refuse", (), ())
    assert serve.breaks_api_of_version is None


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ParamsInvalid, match="cannot be read"):
        read_params(tmp_path)


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("# é", encoding="latin-1")
    with pytest.raises(ParamsInvalid, match="is no text in UTF-8"):
        read_params(tmp_path)
