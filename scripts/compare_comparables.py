"""What comparable rows alone would tell: their median per unit of size, held to the holdout beside the model.

    slipway run NAME && python scripts/compare_comparables.py NAME [--unlike KM,RATIO,DAYS ...] [--rows 2000]

Prints a table in Markdown; its second line is how the use case declares its comparable rows. Gains are paired on the
same rows, in percentage points of MAPE: above zero the model is closer.
"""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from serving.bundle.beside import Alike, ComparableRows
from serving.bundle.loading import Bundle, load
from serving.inputs.decoding import Decoder
from serving.inputs.problems import RequestRefused
from serving.inputs.rows import Row, values
from serving.model.comparables import Comparables
from slipway.core.use_case import UseCase
from slipway.data.preparation import TARGET
from slipway.training.rows import spelled
from slipway.wiring import open_project

_SEED = 7
_RESAMPLES = 1_000

Floats = npt.NDArray[np.float64]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    asked = _arguments().parse_args(arguments)
    project = open_project()
    paths, use_case = project.paths(asked.name), project.use_case(asked.name)
    bundle, holdout = load(paths.bundle), pd.read_parquet(paths.holdout)
    holdout["said"] = pd.read_parquet(paths.scores)["candidate"]
    if bundle.comparables is None:
        raise SystemExit(f"{asked.name} declares no comparable rows")
    for field in bundle.signature.inputs:
        if field.type == "category":
            holdout = holdout[holdout[field.name].isin(field.categories)]  # the endpoint refuses any other
    drawn = holdout.sample(n=min(len(holdout), asked.rows), random_state=_SEED)
    print("\n".join(_lines(bundle, bundle.comparables, drawn, use_case, asked.unlike)))


def guesses(comparables: Comparables, rows: Sequence[Row]) -> Floats:
    """The median of what comparable rows came to per unit of size, times each row's own size; NaN where there are none.

    Returns:
        float64 (n,).
    """
    size = comparables.document.alike.size
    at = comparables.size_position
    return np.array([_guess(_near(comparables, row), size, values(row)[at]) for row in rows])


def _near(comparables: Comparables, row: Row) -> list[dict[str, Any]]:
    try:
        return comparables.near(row)
    except RequestRefused:  # outside of the map
        return []


def _guess(near: Sequence[dict[str, Any]], size: str, own: float | None) -> float:
    rates = [one["value"] / one["row"][size] for one in near]
    return float(np.median(rates)) * own if rates and own is not None else float("nan")


def _lines(
    bundle: Bundle,
    document: ComparableRows,
    holdout: pd.DataFrame,
    use_case: UseCase,
    others: Sequence[Sequence[float]],
) -> Iterator[str]:
    names = [field.name for field in bundle.signature.inputs]
    rows = Decoder(bundle.signature).check([dict(row) for row in spelled(holdout[names], use_case.dates)]).rows
    truth, said = holdout[TARGET].to_numpy(), holdout["said"].to_numpy()
    model = np.abs(said / truth - 1)
    yield f"| {len(truth):,} rows held out | MAPE, % | the model is closer by |\n| --- | --- | --- |"
    yield f"| the model | {_told(model)} |  |"
    declared = document.alike
    for km, ratio, days in [(declared.km, declared.ratio, declared.days), *others]:
        alike = Alike(**declared.model_dump() | {"km": km, "ratio": ratio, "days": days})
        error = np.abs(
            guesses(Comparables(document.model_copy(update={"alike": alike}), bundle.signature), rows) / truth - 1
        )
        known = np.isfinite(error)
        gain = _told((error - model)[known])
        means = f"{km:g} km, a ratio of {ratio:g} and {days:g} days are as unlike"
        yield f"| {document.count} comparable rows; {means} | {_told(error[known])} | {gain} |"


def _told(shares: Floats) -> str:
    """A mean in percent with its 95 % interval, by the bootstrap of rows."""
    drawn = np.random.default_rng(_SEED).integers(0, shares.size, size=(_RESAMPLES, shares.size))
    low, high = np.quantile(shares[drawn].mean(axis=1), [0.025, 0.975])
    return f"{100 * shares.mean():.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def _unlike(text: str) -> tuple[float, float, float]:
    km, ratio, days = map(float, text.split(","))
    return km, ratio, days


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--unlike", type=_unlike, action="append", default=[], metavar="KM,RATIO,DAYS")
    parser.add_argument("--rows", type=int, default=2_000)
    return parser


if __name__ == "__main__":
    main()
