"""Sales of houses in Seattle, King County, from 2010 to 2016: the table that comes with the repository."""

import hashlib
import io
import lzma
from pathlib import Path

import pandas as pd

from slipway.core.errors import SourceUnavailable
from use_cases.homes.source.schema import as_sales

PACKED = Path(__file__).with_name("king_county.csv.xz")
DIGEST = "295580e3ed3038133a4d01e88c9e4b5ef026d7d8b04c29062325c94fcf256e0b"  # of the CSV as published
SQUARE_METRES = 0.09290304  # in a square foot, exactly
KINDS = {"sfr": "house", "townhouse": "townhouse"}


def sales(packed: Path = PACKED) -> pd.DataFrame:
    """43,313 sales in the one schema, in the order of the file; nothing is downloaded.

    Raises:
        SourceUnavailable: the file is absent, or is not the published one.
    """
    frame = pd.read_csv(io.BytesIO(_unpacked(packed)), dtype={"area": str}, parse_dates=["sale_date"])
    return as_sales(
        {
            "sale_id": frame["sale_id"],
            "home_id": frame["pinx"],
            "sale_date": frame["sale_date"],
            "price": frame["sale_price"],
            "district": frame["area"],
            "latitude": frame["latitude"],
            "longitude": frame["longitude"],
            "placed_by": "home",
            "kind": frame["use_type"].map(lambda kind: KINDS.get(kind, kind)),
            "area_m2": frame["tot_sf"] * SQUARE_METRES,
            "age": frame["age"],
            "lot_m2": frame["lot_sf"] * SQUARE_METRES,
            "grade": frame["bldg_grade"],
            "bedrooms": frame["beds"],
            "bathrooms": frame["baths"],
            "renewed_age": frame["eff_age"],
            "waterfront": frame["wfnt"].map(lambda flag: {0: "No", 1: "Yes"}.get(flag, str(flag))),
        },
        frame.index,
    )


def _unpacked(packed: Path) -> bytes:
    try:
        content = lzma.decompress(packed.read_bytes())
    except (OSError, lzma.LZMAError) as error:
        raise _damaged(f"{packed.name} cannot be read: {error}") from error
    if hashlib.sha256(content).hexdigest() != DIGEST:
        raise _damaged(f"{packed.name} is not the table that was published")
    return content


def _damaged(what: str) -> SourceUnavailable:
    return SourceUnavailable(
        what,
        cause="the file was changed, or the clone is not whole",
        next_step="bring it back with `git checkout -- src/use_cases/homes/source`",
    )
