"""One table for every market: a row a sale, the same columns, of the same types and units."""

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
}
"""What a sale is. The market's own words:

- sale_id, home_id: known by; a home that is sold again has the same home_id. In Seoul a home is a flat of one size
  on one floor of one complex, as the register names no flat.
- sale_date: of the contract. price: in the market's currency, nominal.
- district: King County's area number, or Seoul's five digits. latitude, longitude: degrees, WGS 84.
- placed_by: what the coordinates are of: "home", "legal_dong" or "district".
- kind: "house", "townhouse" or "flat". age: years from building to sale. floor: of a flat.
- lot_m2, grade (1 to 13), bedrooms, bathrooms, renewed_age (years since the last renewal), waterfront ("Yes", "No"):
  of King County only.
- legal_dong, complex: of Seoul only; normalised names.
"""

COLUMNS = tuple(TYPES)


def as_sales(columns: dict[str, object], rows: pd.Index) -> pd.DataFrame:
    """A table in the one schema; a column that the market does not have is missing throughout."""
    table = pd.DataFrame({name: columns.get(name) for name in COLUMNS}, index=rows)
    return table.astype(TYPES)
