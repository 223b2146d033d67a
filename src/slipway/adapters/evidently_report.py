"""The drawing of a look, by Evidently: a page for people, which decides nothing."""

import html
import os
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from slipway.core.errors import ToolFailed
from slipway.workspace.files import written

_BODY = "<body>"


def is_installed() -> bool:
    """Whether Evidently is here; it is not part of what a run needs."""
    return find_spec("evidently") is not None


class EvidentlyReport:
    """Evidently's drift and summary of every column, with its own tests."""

    def draw(
        self, reference: pd.DataFrame, current: pd.DataFrame, path: Path, *, columns: Sequence[str], told: str
    ) -> None:
        """Write the page; see the port."""
        shown = [name for name in columns if _has_values(reference, name) and _has_values(current, name)]
        left_out = [name for name in columns if name not in shown]
        if left_out:
            told = f"{told} Without a value on one side, and so not drawn: {', '.join(left_out)}."
        try:
            page = _page(reference[shown], current[shown])
        except Exception as error:  # whatever it stumbles over, the look itself stands
            raise ToolFailed(
                f"Evidently could not draw the report: {str(error).strip().splitlines()[:1] or type(error).__name__}",
                cause="rows of a kind that it does not expect",
                next_step="read watch.json, which says all that was decided",
            ) from error
        path.write_text(_with_words(page, told), encoding="utf-8")


def _page(reference: pd.DataFrame, current: pd.DataFrame) -> bytes:
    os.environ.setdefault("DO_NOT_TRACK", "1")
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset, DataSummaryPreset

    numbers = [name for name in reference if pd.api.types.is_numeric_dtype(reference[name])]
    words = [name for name in reference if name not in numbers]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=words)

    def dataset(table: pd.DataFrame) -> Any:
        typed = table.astype(dict.fromkeys(numbers, "float64"))
        return Dataset.from_pandas(typed, data_definition=definition)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = Report([DataDriftPreset(), DataSummaryPreset()], include_tests=True).run(
            current_data=dataset(current), reference_data=dataset(reference)
        )
        return written(made.save_html)


def _with_words(page: bytes, told: str) -> str:
    text = page.decode("utf-8")
    words = f'<p style="font: 14px sans-serif; margin: 16px 24px">{html.escape(told)}</p>'
    begin, body, rest = text.partition(_BODY)
    return f"{begin}{body}{words}{rest}" if body else f"{words}{text}"


def _has_values(table: pd.DataFrame, name: str) -> bool:
    return name in table.columns and bool(table[name].notna().any())
