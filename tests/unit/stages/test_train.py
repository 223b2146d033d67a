"""Training in order of time, from a raw table to scores, as a use case with dates and a going rate declares it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from slipway.core.params import LevelParams, LightGBMParams, SplitParams
from slipway.core.signature import Signature
from slipway.core.task import Task
from slipway.core.use_case import Categorical, Date, Level, Numeric, UseCase
from slipway.data.preparation import TARGET, TIME, prepare
from slipway.stages.prepare import prepare as prepare_stage
from slipway.stages.train import train
from slipway.training.onnx_scoring import score
from slipway.workspace.files import write_frame
from slipway.workspace.paths import Paths

SALES = UseCase(
    name="sales",
    title="What a sale brings",
    task=Task.REGRESSION,
    target="price",
    key=("id",),
    features=(Date("sold"), Categorical("district"), Numeric("area")),
    collect=lambda root: pd.DataFrame(),
    expectations=(),
    time="sold",
    level=Level(by="district", per="area"),
)
SPLIT = SplitParams(by="time", holdout_from="2015-07-01")
PARAMS = LightGBMParams(estimator="lightgbm", n_estimators=40, target="log", level=LevelParams())


def raw() -> pd.DataFrame:
    random = np.random.default_rng(1)
    days = np.sort(random.integers(0, 900, 3000))
    table = pd.DataFrame(
        {
            "id": np.arange(3000),
            "sold": pd.Timestamp("2013-06-01") + pd.to_timedelta(days, unit="D"),
            "district": random.choice(["hill", "shore"], 3000),
            "area": random.uniform(40, 200, 3000),
        }
    )
    noise = random.normal(0, 0.1, 3000)
    return table.assign(price=np.exp(noise + days / 1000) * table.area * np.where(table.district == "hill", 900, 1500))


def trained(folder: Path, table: pd.DataFrame, **changes: Any) -> Paths:
    paths = Paths(folder, "sales")
    write_frame(paths.raw, table)
    prepare_stage(SALES, paths, SPLIT)
    train(SALES, paths, PARAMS.model_copy(update=changes), in_time=True)
    return paths


def test_by_time_the_holdout_is_what_came_last() -> None:
    rows, holdout = prepare(raw(), SALES, SPLIT)
    assert rows[TIME].max() < (pd.Timestamp("2015-07-01") - pd.Timestamp("1970-01-01")).days <= holdout[TIME].min()
    assert len(rows) + len(holdout) == 3000


def test_prices_after_the_split_change_no_model_and_no_score(tmp_path: Path) -> None:
    table = raw()
    later = table.assign(price=table.price.where(table.sold < "2015-07-01", table.price * 3))
    one, other = trained(tmp_path / "one", table), trained(tmp_path / "other", later)
    for name in ("model.onnx", "coded.onnx", "signature.json", "background.json"):
        assert (one.model / name).read_bytes() == (other.model / name).read_bytes()
    assert pd.read_parquet(one.scores).equals(pd.read_parquet(other.scores))


def test_the_holdout_is_scored_by_what_the_endpoint_would_be_sent(tmp_path: Path) -> None:
    paths = trained(tmp_path, raw())
    holdout = pd.read_parquet(paths.holdout)
    signature = Signature.model_validate_json((paths.model / "signature.json").read_text())
    names = [field.name for field in signature.inputs]
    assert names == ["sold", "district", "area"]
    said = score((paths.model / "model.onnx").read_bytes(), holdout[names], names)
    assert (pd.read_parquet(paths.scores).candidate == said).all()


def test_the_baseline_is_the_going_rate_that_was_declared(tmp_path: Path) -> None:
    paths = trained(tmp_path, raw())
    rows, holdout = pd.read_parquet(paths.train), pd.read_parquet(paths.holdout)
    hill = (rows.district == "hill") & (rows[TIME] > rows[TIME].max() - 365)
    rate = (rows[TARGET] / rows.area.astype("float64"))[hill].median()
    first = holdout[holdout.district == "hill"].index[0]
    assert pd.read_parquet(paths.scores).baseline[first] == pytest.approx(rate * float(holdout.area[first]))


def test_of_a_log_target_intervals_are_shares_and_hold_what_they_say(tmp_path: Path) -> None:
    paths = trained(tmp_path, raw())
    interval = json.loads((paths.model / "signature.json").read_text())["interval"]
    holdout, said = pd.read_parquet(paths.holdout), pd.read_parquet(paths.scores).candidate
    held = (holdout[TARGET] >= said * (1 - interval["below"])) & (holdout[TARGET] <= said * (1 + interval["above"]))
    assert interval["relative"]
    assert 0.8 < held.mean() < 0.97


def test_growth_is_carried_on_into_what_was_held_out(tmp_path: Path) -> None:
    carried, left = (
        trained(tmp_path / name, raw(), level=LevelParams(drift_days=days)) for name, days in (("on", 364), ("off", 0))
    )
    truth = pd.read_parquet(carried.holdout)[TARGET]
    errors = [np.abs(pd.read_parquet(paths.scores).candidate / truth - 1).mean() for paths in (carried, left)]
    assert errors[0] < errors[1]
