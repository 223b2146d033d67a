"""Homes, and what they sell for."""

from slipway.core.task import Task
from slipway.core.use_case import Categorical, Date, Feature, Level, Numeric, UseCase
from use_cases.homes.expectations import suite
from use_cases.homes.source import collect
from use_cases.homes.source.market import KING_COUNTY, MARKET, SEOUL, Market

OF_SOME_MARKETS = {*KING_COUNTY.has, *SEOUL.has}
FEATURES_OF_ALL = (
    Date("sale_date", "of the contract"),
    Categorical("district", "area number of the county, or code of Seoul's district"),
    Categorical("kind", "house, townhouse or flat"),
    Numeric("area_m2", "m²", "living area"),
    Numeric("floor", "", "of a flat"),
    Numeric("lot_m2", "m²", "the lot it stands on"),
    Numeric("age", "years", "from building to sale"),
    Numeric("renewed_age", "years", "since it was last renewed, or built"),
    Numeric("grade", "1 to 13", "the county's grade of construction"),
    Numeric("bedrooms", "rooms"),
    Numeric("bathrooms", "rooms", "a quarter for each of tub, shower, toilet and sink"),
    Categorical("waterfront", "whether it stands at the water"),
    Numeric("latitude", "degrees"),
    Numeric("longitude", "degrees"),
)


def features_of(market: Market) -> tuple[Feature, ...]:
    """The inputs of a market's model: what every market has, and what this one has."""
    return tuple(f for f in FEATURES_OF_ALL if f.name in market.has or f.name not in OF_SOME_MARKETS)


USE_CASE = UseCase(
    name="homes",
    title="What homes sell for",
    task=Task.REGRESSION,
    target="price",
    key=("home_id",),
    features=features_of(MARKET),
    collect=collect,
    expectations=suite(MARKET),
    unit=MARKET.currency,
    time="sale_date",
    level=Level(by="district", per="area_m2"),
)
