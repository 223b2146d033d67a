"""Where the sales come from."""

from collections.abc import Callable, Iterable

import pandas as pd

from slipway.core.source import Errand, Source
from use_cases.homes.source import king_county, seoul
from use_cases.homes.source.market import MARKET

FETCH: dict[str, Callable[[Errand], pd.DataFrame | Iterable[pd.DataFrame]]] = {
    "king_county": lambda _: king_county.sales(),
    "seoul": seoul.fetch,
}

collect = Source(FETCH[MARKET.name], variables=(seoul.KEY, seoul.ADDRESS_OF_API))
"""Every sale of the market that ``market.py`` names, in the one schema of ``schema.py``."""
