"""A larger churn: real rows drawn again and again, their charges moved by up to three percent."""

from pathlib import Path

import numpy as np
import pandas as pd

SOURCE = '''"""The enlarged table."""

from pathlib import Path

import pandas as pd


def collect(root: Path) -> pd.DataFrame:
    """Read what the benchmark prepared."""
    return pd.read_parquet(root / "enlarged.parquet")
'''


def enlarge(project: Path, rows: int) -> None:
    """Let churn of a project collect a table of so many rows, which its suite accepts."""
    enlarged(_original(), rows).to_parquet(project / "enlarged.parquet", index=False)
    (project / "src/use_cases/churn/source/__init__.py").write_text(SOURCE)
    (project / "dvc.lock").unlink(missing_ok=True)
    with (project / ".gitignore").open("a") as ignored:
        ignored.write("/enlarged.parquet\n")


def enlarged(frame: pd.DataFrame, rows: int) -> pd.DataFrame:
    """Draw rows with replacement; bill and total move together by 3 %, the total by half a percent more, in cents."""
    random = np.random.default_rng(rows)
    drawn = frame.iloc[random.integers(0, len(frame), rows)].reset_index(drop=True)
    factor = random.uniform(0.97, 1.03, rows)
    bill = (drawn["monthly_charges"] * factor).round(2)
    total = (drawn["total_charges"] * factor * random.uniform(0.995, 1.005, rows)).round(2)
    return drawn.assign(monthly_charges=bill, total_charges=total)


def _original() -> pd.DataFrame:
    from use_cases.churn.source import collect

    return collect(Path())
