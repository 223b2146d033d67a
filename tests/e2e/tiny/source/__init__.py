"""Members made up on the spot, the same every time."""

from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 1_500


def collect(root: Path) -> pd.DataFrame:
    """One row a member, (1500, 5)."""
    dice = np.random.default_rng(1)
    age = dice.integers(18, 80, ROWS)
    visits = dice.gamma(2.0, 3.0, ROWS).round(2)
    plan = dice.choice(["basic", "family", "gold"], ROWS)
    leaning = 1.2 - 0.25 * visits - 0.02 * (age - 40) + 1.5 * (plan == "basic")
    left = np.where(dice.random(ROWS) < 1 / (1 + np.exp(-leaning)), "Yes", "No")
    return pd.DataFrame({"member": np.arange(ROWS), "age": age, "visits": visits, "plan": plan, "left": left})
