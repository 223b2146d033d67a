import pytest

from use_cases.homes import features_of
from use_cases.homes.source.market import KING_COUNTY, SEOUL, Market


@pytest.mark.parametrize(
    ("market", "own", "others"),
    [(KING_COUNTY, {"grade", "lot_m2"}, {"floor"}), (SEOUL, {"floor"}, {"grade", "lot_m2", "waterfront"})],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_market_s_model_asks_for_what_its_sales_have(market: Market, own: set[str], others: set[str]) -> None:
    names = {feature.name for feature in features_of(market)}
    assert own | {"sale_date", "district", "area_m2", "latitude", "longitude"} <= names
    assert not names & others


def test_the_answer_is_no_feature_and_nothing_that_is_made_of_it() -> None:
    for market in (KING_COUNTY, SEOUL):
        assert not {feature.name for feature in features_of(market)} & {
            "price",
            "sale_id",
            "home_id",
            "cancelled_share",
        }
