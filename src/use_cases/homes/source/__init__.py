"""Where the sales come from."""

from pathlib import Path

import pandas as pd

from use_cases.homes.source import king_county


def collect(root: Path) -> pd.DataFrame:
    """Every sale, in the one schema of ``use_cases.homes.source.schema``."""
    return king_county.sales()
