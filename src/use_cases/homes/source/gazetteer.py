"""Where Seoul's districts and legal dongs lie: an offline table, and how exact it is."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

TABLE = Path(__file__).with_name("seoul_places.csv")


@dataclass(frozen=True)
class Place:
    """The middle of an area. ``radius_m`` is that of a circle as large as it: how far off a home in it typically is.

    Attributes:
        placed_by: ``legal_dong`` or ``district``: what it is the middle of.
    """

    latitude: float
    longitude: float
    radius_m: int
    placed_by: str
    district: str
    legal_dong: str | None


class Gazetteer:
    """Places by the ten digits of a legal dong, its district and name, or the district's five digits alone."""

    def __init__(self, table: Path = TABLE) -> None:
        self._table = table

    def place(self, district: str, dong_code: str | None = None, dong_name: str | None = None) -> Place | None:
        """The most exact place that is known; a legal dong goes by its code first, by its name next.

        Args:
            district: five digits.
            dong_code: the five digits that follow them.
            dong_name: in the spelling of ``addresses.dong``.
        """
        by_code = self._by_code.get(f"{district}{dong_code}") if dong_code else None
        return by_code or self._by_name.get((district, dong_name)) or self._by_code.get(district)

    @property
    def districts(self) -> tuple[str, ...]:
        """Five digits each, in order."""
        return tuple(code for code in self._by_code if len(code) == 5)

    @cached_property
    def _by_code(self) -> dict[str, Place]:
        rows = pd.read_csv(self._table, dtype={"code": str}).itertuples()
        return {str(row.code): _place(row) for row in rows}

    @cached_property
    def _by_name(self) -> dict[tuple[str, str | None], Place]:
        return {(code[:5], place.legal_dong): place for code, place in self._by_code.items() if len(code) == 10}


def _place(row: object) -> Place:
    fields = row._asdict()  # type: ignore[attr-defined]
    name = fields["legal_dong"] if isinstance(fields["legal_dong"], str) else None
    return Place(
        latitude=fields["latitude"],
        longitude=fields["longitude"],
        radius_m=fields["radius_m"],
        placed_by="legal_dong" if name else "district",
        district=fields["district"],
        legal_dong=name,
    )
