from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

from slipway.training.intervals import conformal_quantile, prediction_interval


@dataclass
class Mean:
    """Predicts the mean of what it was given; remembers how many rows that were."""

    fitted: list[int] = field(default_factory=list)
    mean: float = 0.0

    def train(self, inputs: pd.DataFrame, target: np.ndarray) -> "Mean":
        self.fitted.append(len(inputs))
        return Mean(mean=float(target.mean()))

    def evaluate(self, inputs: pd.DataFrame) -> np.ndarray:
        return np.full(len(inputs), self.mean)

    def save(self) -> bytes:
        return b""


def sample(rows: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    return pd.DataFrame({"x": np.arange(rows)}), np.random.default_rng(seed).normal(100, 5, rows)


@pytest.mark.parametrize(
    ("rows", "level", "rank"), [(9, 0.9, 9), (19, 0.9, 18), (99, 0.9, 90), (3, 0.9, 3), (100, 0.5, 51)]
)
def test_the_quantile_counts_one_row_more_than_there_are(rows: int, level: float, rank: int) -> None:
    assert conformal_quantile(np.arange(rows, 0, -1.0), level) == rank


def test_the_interval_holds_nine_of_ten_new_rows() -> None:
    interval = prediction_interval(Mean(), *sample(2_000), seed=7)
    error = sample(20_000, seed=1)[1] - 100
    covered = np.mean((error >= -interval.below) & (error <= interval.above))
    assert (interval.level, interval.below) == (0.9, interval.above)
    assert covered == pytest.approx(0.9, abs=0.02)


def test_rows_are_predicted_by_models_that_have_not_seen_them() -> None:
    @dataclass
    class Memory(Mean):
        known: tuple[int, ...] = ()

        def train(self, inputs: pd.DataFrame, target: np.ndarray) -> "Memory":
            return Memory(known=tuple(inputs["x"]))

        def evaluate(self, inputs: pd.DataFrame) -> np.ndarray:
            return np.where(inputs["x"].isin(self.known), 0.0, 1.0)

    inputs, _ = sample(50)
    assert prediction_interval(Memory(), inputs, np.zeros(50), seed=7).above == 1.0


def test_each_fold_leaves_a_fifth_out() -> None:
    trainer = Mean()
    prediction_interval(trainer, *sample(101), seed=7)
    assert sorted(trainer.fitted) == [80, 81, 81, 81, 81]


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    first, again, other = (prediction_interval(Mean(), *sample(101), seed=seed) for seed in (7, 7, 8))
    assert first == again != other


def test_of_a_large_table_a_sample_is_enough() -> None:
    trainer = Mean()
    prediction_interval(trainer, *sample(30_000), seed=7)
    assert trainer.fitted == [16_000] * 5


def test_in_order_of_time_the_interval_holds_growth_that_nobody_knew_of() -> None:
    inputs, target = sample(3_000)
    rising = target + np.arange(3_000) / 100
    dealt = prediction_interval(Mean(), inputs, rising, seed=7)
    ordered = prediction_interval(Mean(), inputs, rising, seed=7, time=np.arange(3_000.0))
    assert ordered.above > dealt.above * 1.2


def test_of_a_logarithm_the_interval_is_a_share_and_wider_above() -> None:
    target = np.exp(np.random.default_rng(1).normal(5, 0.2, 3_000))

    @dataclass
    class Median(Mean):
        def train(self, inputs: pd.DataFrame, target: np.ndarray) -> "Median":
            return Median(mean=float(np.median(target)))

    interval = prediction_interval(Median(), sample(3_000)[0], target, seed=7, relative=True)
    middle = float(np.median(target))
    held = np.mean((target >= middle * (1 - interval.below)) & (target <= middle * (1 + interval.above)))
    assert interval.relative
    assert interval.above > interval.below
    assert held == pytest.approx(0.9, abs=0.02)
