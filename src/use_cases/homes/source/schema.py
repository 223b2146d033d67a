"""One table for every market: a row a sale, the same columns, of the same types and units."""

from collections.abc import Mapping

import pandas as pd

TEXT, NUMBER, DATE = "object", "float64", "datetime64[ns]"

TYPES: dict[str, str] = {
    "sale_id": TEXT,
    "home_id": TEXT,
    "sale_date": DATE,
    "price": NUMBER,
    "district": TEXT,
    "latitude": NUMBER,
    "longitude": NUMBER,
    "placed_by": TEXT,
    "placed_within_m": NUMBER,
    "kind": TEXT,
    "area_m2": NUMBER,
    "age": NUMBER,
    "floor": NUMBER,
    "lot_m2": NUMBER,
    "grade": NUMBER,
    "bedrooms": NUMBER,
    "bathrooms": NUMBER,
    "renewed_age": NUMBER,
    "waterfront": TEXT,
    "legal_dong": TEXT,
    "complex": TEXT,
    "address": TEXT,
    "cancelled_share": NUMBER,
}
"""What a sale is. The market's own words:

- sale_id, home_id: known by; a home that is sold again has the same home_id. In Seoul a home is a flat of one size
  on one floor of one complex, as the register names no flat.
- sale_date: of the contract. price: in the market's currency, nominal.
- district: King County's area number, or Seoul's five digits. latitude, longitude: degrees, WGS 84.
- placed_by: what the coordinates are of: "home", or the middle of a "legal_dong" or "district". placed_within_m: the
  radius of a circle as large as that; missing for a home.
- kind: "house", "townhouse" or "flat". age: years from the year of building to that of the sale. floor: of a flat,
  below zero below the ground.
- lot_m2, grade (1 to 13), bedrooms, bathrooms, renewed_age (years since the last renewal), waterfront ("Yes", "No"):
  of King County only.
- legal_dong, complex, address: of Seoul only; in one spelling. cancelled_share: of the trades registered in the same
  district and month, those that were called off and are not in the table.
"""

COLUMNS = tuple(TYPES)


def as_sales(columns: Mapping[str, object], rows: pd.Index) -> pd.DataFrame:
    """A table in the one schema; a column that the market does not have is missing throughout."""
    table = pd.DataFrame({name: columns.get(name) for name in COLUMNS}, index=rows)
    return table.astype(TYPES)
