"""Monthly levels made up for tests."""

import numpy as np
import pandas as pd

from slipway.core.task import Task
from slipway.core.use_case import Categorical, Level, Numeric, Outlook, UseCase
from slipway.forecasting.monthly import MonthlyLevels, Seen

LEVEL = Level(by="district", per="area")
SALES = UseCase(
    name="sales",
    title="What a sale brings",
    task=Task.REGRESSION,
    target="price",
    key=("id",),
    features=(Categorical("district"), Numeric("area", "m²")),
    collect=lambda root: pd.DataFrame(),
    expectations=(),
    unit="USD",
    time="sold",
    level=LEVEL,
    outlook=Outlook(months=3),
)
MONTHS = 72


def levels(values: np.ndarray, rows: float = 20.0) -> MonthlyLevels:
    """Levels (months, groups) of so many rows each, from January 2010 on."""
    names = tuple(f"district {number:02d}" for number in range(values.shape[1]))
    return MonthlyLevels(2010 * 12, names, values, np.full(values.shape, rows))


def random_levels(growth: float, *, noise: float = 0.05, groups: int = 8, seed: int = 3) -> MonthlyLevels:
    """Groups that grow alike from 1,000 on and differ by a constant and by noise."""
    random = np.random.default_rng(seed)
    base = np.log(1000) + growth * np.arange(MONTHS)[:, None] + random.normal(0, 0.3, groups)
    return levels(base + random.normal(0, noise, (MONTHS, groups)))


def sales(growth: float, months: int = MONTHS, rows: int = 6_000, seed: int = 3) -> Seen:
    """Sales of two districts, one twice as dear as the other, from January 2010 on."""
    random = np.random.default_rng(seed)
    day = np.sort(random.uniform(0, 30.4 * months, rows)) + 14_610
    district = random.choice(["hill", "shore"], rows)
    area = random.uniform(50, 200, rows).astype("float32")
    rate = 1000 * np.exp(growth * (day - 14_610) / 30.4 + random.normal(0, 0.2, rows)) * (1 + (district == "shore"))
    return Seen(pd.DataFrame({"district": district, "area": area}), rate * area, day)
