import pytest

from use_cases.homes import features_of, shown_of
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


@pytest.mark.parametrize(("market", "own"), [(KING_COUNTY, "grade"), (SEOUL, "floor")])
def test_what_is_told_of_a_comparable_sale_is_what_the_market_has(market: Market, own: str) -> None:
    assert own in shown_of(market)
    assert set(shown_of(market)) <= {feature.name for feature in features_of(market)}
