"""A made-up table to start from: let `collect` fetch your own, then describe its columns in the files beside this."""

from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 3_000
PLANS = {"basic": 0.8, "plus": 0.0, "family": -0.6}
CHANNELS = {"shop": -0.3, "web": 0.3, "phone": 0.0}


def collect(root: Path) -> pd.DataFrame:
    """Customers and whether they cancelled: 3,000 rows, the same on every call.

    Whoever has a small plan, complains and uses little cancels more often; a fifth of the complaints is not known.
    """
    random = np.random.default_rng(7)
    months = random.integers(1, 61, ROWS)
    hours = random.gamma(2.0, 10.0, ROWS).round(1)
    complaints = random.poisson(0.7, ROWS)
    plan, channel = random.choice(list(PLANS), ROWS), random.choice(list(CHANNELS), ROWS)
    leaning = pd.Series(plan).map(PLANS) + pd.Series(channel).map(CHANNELS)
    odds = leaning + 1.1 * complaints - 0.04 * months - 0.04 * hours
    cancelled = random.random(ROWS) < 1 / (1 + np.exp(-odds))
    return pd.DataFrame(
        {
            "customer_id": np.arange(1, ROWS + 1),
            "months": months,
            "hours": hours,
            "complaints": np.where(random.random(ROWS) < 0.2, np.nan, complaints),
            "plan": plan,
            "channel": pd.Series(channel).mask(random.random(ROWS) < 0.05),
            "cancelled": np.where(cancelled, "yes", "no"),
        }
    )
