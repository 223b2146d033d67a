"""A made-up table to start from: let `collect` fetch your own, then describe its columns in the files beside this."""

from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 3_000
VEHICLES = {"bicycle": 1.6, "scooter": 1.0, "van": 1.2}
ZONES = {"centre": 6.0, "north": 2.0, "south": 0.0}


def collect(root: Path) -> pd.DataFrame:
    """Deliveries and the minutes each took: 3,000 rows, the same on every call.

    Distance counts most, then the zone, the vehicle and the load; the load of a fifth of them is not known.
    """
    random = np.random.default_rng(7)
    distance = random.gamma(2.0, 2.5, ROWS).round(2)
    load = random.uniform(0.5, 20.0, ROWS).round(1)
    stops = random.poisson(2.0, ROWS)
    vehicle, zone = random.choice(list(VEHICLES), ROWS), random.choice(list(ZONES), ROWS)
    pace = pd.Series(vehicle).map(VEHICLES).to_numpy()
    waiting = pd.Series(zone).map(ZONES).to_numpy() + 3.0 * stops
    minutes = 5.0 + 3.0 * pace * distance + waiting + 0.4 * load + random.normal(0.0, 3.0, ROWS)
    return pd.DataFrame(
        {
            "delivery_id": np.arange(1, ROWS + 1),
            "distance": distance,
            "load": np.where(random.random(ROWS) < 0.2, np.nan, load),
            "stops": stops,
            "vehicle": vehicle,
            "zone": pd.Series(zone).mask(random.random(ROWS) < 0.05),
            "minutes": np.maximum(minutes, 1.0).round(1),
        }
    )
