from slipway.core.evaluation import OutlookCheck
from slipway.report.outlook import outlook
from tests.support import bundles


def test_a_use_case_without_an_outlook_has_no_such_section() -> None:
    assert outlook(None) == ""


def test_what_serves_is_told_with_what_it_is_not_proved_to_beat() -> None:
    backtest = bundles.outlook().backtest
    said = outlook(OutlookCheck(rehearsed=backtest, held_out=None))
    assert "forecast by **shared level**. It is not proved to be better than seasonal naive." in said
    assert "| persistence | 5.0 % [4.0,\u00a06.0] |" in said
    assert "2.0 % [1.0,\u00a03.0] |" in said
    assert "Bands hold 91.0 % [90.0,\u00a092.0] of what came" in said
    assert "Held out" not in said


def test_figures_of_the_holdout_stand_beside_those_of_training() -> None:
    backtest = bundles.outlook().backtest
    said = outlook(OutlookCheck(rehearsed=backtest, held_out=backtest.model_copy(update={"forecasts": 77})))
    assert "Training rows: 1,234 forecasts by each method, from 2012-01 to 2015-11." in said
    assert "Held out: 77 forecasts" in said


def test_where_everything_is_beaten_that_is_told() -> None:
    backtest = bundles.outlook().backtest
    won = tuple(method for method in backtest.methods if method.method != "seasonal naive")
    said = outlook(OutlookCheck(rehearsed=backtest.model_copy(update={"methods": won}), held_out=None))
    assert "proved to be better than every other that was tried" in said
