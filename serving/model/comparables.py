"""Earlier rows like the one that is asked about: near in place, size and time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.answers import Problem
from serving.bundle.beside import ComparableRows
from serving.bundle.signature import Signature
from serving.inputs import dates
from serving.inputs.problems import RequestRefused
from serving.inputs.rows import Row, values

KM_PER_DEGREE = 111.195
"""Of latitude, on a sphere of 6,371 km."""
_EDGE = 0.02
"""By so much of its height and width the map reaches beyond the rows on it."""

Floats = NDArray[np.float64]


class Comparables:
    """Finds rows; how unlike two of them are is the root of the sum of squares of three ratios.

    These are the distance over ``alike.km``, the logarithm of the ratio of sizes over that of ``alike.ratio``, and the
    days between over ``alike.days``. What a request leaves null makes no row more unlike than another.
    """

    def __init__(self, document: ComparableRows, signature: Signature) -> None:
        self.document = document
        alike, columns = document.alike, document.columns
        position = {field.name: at for at, field in enumerate(signature.inputs)}
        self._place = [position[name] for name in alike.place]
        self.size_position = position[alike.size]
        self._time = None if alike.time is None else position[alike.time]
        self._same = [(position[name], np.array(columns[name], object)) for name in alike.same]
        self.latitude, self.longitude, size = (
            np.array(columns[name], np.float64) for name in (*alike.place, alike.size)
        )
        self._log_size = np.log(size)
        self._days = np.array([dates.number(day) for day in document.days])
        self.box = _box(self.latitude), _box(self.longitude)

    def place_of(self, row: Row) -> tuple[float, float] | None:
        """Latitude and longitude of a row; None where it tells none.

        Raises:
            RequestRefused: it lies outside of the map.
        """
        cells = values(row)
        found = [cells[at] for at in self._place]
        if None in found:
            return None
        problems = [
            Problem(
                field=name,
                row=None,
                problem="lies outside of the map",
                sent=value,
                allowed=f"a number from {low:.5g} to {high:.5g}, where the earlier rows lie",
            )
            for name, value, (low, high) in zip(self.document.alike.place, found, self.box, strict=True)
            if not low <= value <= high
        ]
        if problems:
            raise RequestRefused(problems)
        return found[0], found[1]

    def near(self, row: Row) -> list[dict[str, Any]]:
        """The rows that are most like a row, the most like first.

        Raises:
            RequestRefused: the row lies outside of the map.
        """
        place, cells = self.place_of(row), values(row)
        km = np.zeros(len(self._days)) if place is None else self.kilometres(*place)
        unlike = self._unlike(km, cells)
        for at, column in self._same:
            if cells[at] is not None:
                unlike[column != cells[at]] = np.inf
        order = np.argsort(unlike, kind="stable")[: self.document.count]
        return [self._told(at, None if place is None else float(km[at])) for at in order if np.isfinite(unlike[at])]

    def kilometres(self, latitude: float, longitude: float) -> Floats:
        """Distance to every row on the plane that touches the earth at the place; exact enough for a city."""
        north = self.latitude - latitude
        east = (self.longitude - longitude) * np.cos(np.radians(latitude))
        return np.asarray(KM_PER_DEGREE * np.hypot(north, east))

    def _unlike(self, km: Floats, cells: tuple[Any, ...]) -> Floats:
        alike, size = self.document.alike, cells[self.size_position]
        parts = [km / alike.km]
        if size is not None and size > 0:
            parts.append((self._log_size - np.log(size)) / np.log(alike.ratio))
        if self._time is not None and cells[self._time] is not None:
            parts.append((self._days - dates.number(cells[self._time])) / alike.days)
        return np.asarray(np.sqrt(sum(part**2 for part in parts)))

    def _told(self, at: int, km: float | None) -> dict[str, Any]:
        document = self.document
        row = {name: column[at] for name, column in document.columns.items()}
        return {"day": document.days[at], "value": document.target[at], "km": km, "row": row}


def _box(degrees: Floats) -> tuple[float, float]:
    low, high = float(degrees.min()), float(degrees.max())
    edge = _EDGE * (high - low) or 0.01
    return low - edge, high + edge
