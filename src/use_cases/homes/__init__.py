"""Homes, and what they sell for."""

from slipway.core.task import Task
from slipway.core.use_case import Categorical, Comparables, Date, Level, Numeric, Outlook, UseCase
from use_cases.homes.expectations import suite
from use_cases.homes.source import collect
from use_cases.homes.source.market import MARKET

FEATURES = (
    Date("sale_date", "of the contract"),
    Categorical("district", "the county's area number"),
    Categorical("kind", "house or townhouse"),
    Numeric("area_m2", "m²", "living area"),
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

USE_CASE = UseCase(
    name="homes",
    title="What homes sell for",
    task=Task.REGRESSION,
    target="price",
    key=("home_id",),
    features=FEATURES,
    collect=collect,
    expectations=suite(MARKET),
    unit=MARKET.currency,
    time="sale_date",
    level=Level(by="district", per="area_m2"),
    outlook=Outlook(months=3),
    comparables=Comparables(
        place=("latitude", "longitude"),
        size="area_m2",
        same=("kind",),
        shown=("district", "age", "grade", "bedrooms"),
    ),
)
