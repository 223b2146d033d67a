from datetime import timedelta
from html.parser import HTMLParser

import pytest

from slipway.core.moment import moment
from slipway.core.watch import Answer, Retrain
from slipway.dashboard.chart import Curve, Point, chart
from slipway.dashboard.drift import strip
from slipway.dashboard.index import index
from slipway.dashboard.portrait import Portrait, age
from slipway.dashboard.standing import stand
from slipway.dashboard.use_case import use_case
from tests.support.looks_by_day import alarmed, drift, performance, watch
from tests.support.portraits import NOW, champion, portrait, version
from tests.support.records import record

HOSTILE = "<script>alert(1)</script>\"'&\u202e</td>"
VOID = {"meta", "link", "!doctype"}


class Tags(HTMLParser):
    """Every element that is opened, and whether all are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, name: str, _: object) -> None:
        self.seen.append(name)
        if name not in VOID:
            self.open.append(name)

    def handle_startendtag(self, name: str, _: object) -> None:
        self.seen.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def words(text: str) -> str:
    return " ".join(" ".join(Tags(text).words).split())


def bare(**changes: object) -> Portrait:
    return portrait(**({"versions": (), "records": {}, "watches": ()} | changes))


@pytest.mark.parametrize("shown", [portrait(), bare(), portrait(records={}), portrait(watches=())])
def test_every_page_is_whole_whatever_is_missing(shown: Portrait) -> None:
    for text in (index([shown], NOW), use_case(shown, NOW)):
        assert text.startswith("<!doctype html>")
        assert Tags(text).open == []


def test_no_use_case_is_told_and_no_empty_page() -> None:
    assert "There is no use case yet." in words(index([], NOW))


def test_nothing_from_outside_becomes_markup() -> None:
    hostile_drift = drift(HOSTILE, detail=HOSTILE, drifted=True)
    told = Retrain(answer=Answer.WAIT, cause=None, since="", reasons=(HOSTILE,))
    found = alarmed().findings[0].model_copy(update={"name": HOSTILE, "told": HOSTILE})
    look = watch(columns=(hostile_drift,), findings=(found,), retrain=told, performance=(performance(metric=HOSTILE),))
    shown = portrait(
        title=HOSTILE,
        versions=(champion(reason=HOSTILE, primary=HOSTILE, commit=HOSTILE),),
        watches=(look,),
        links={3: 'https://example.org/"onclick="x'},
    )
    for text in (index([shown], NOW), use_case(shown, NOW)):
        assert "script" not in Tags(text).seen
        assert "<script>alert" not in text
        assert "\u202e" not in text
        assert 'href="https://example.org/"' not in text
        assert Tags(text).open == []
    assert "<script>alert(1)</script>" in words(use_case(shown, NOW)), "it is shown as it is"


def test_a_page_asks_nothing_of_anybody() -> None:
    text = use_case(portrait(), NOW)
    assert not {"script", "img", "iframe", "object", "video"} & set(Tags(text).seen)
    assert "default-src 'none'" in text
    assert "http" not in text.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")


def test_what_wants_attention_comes_first() -> None:
    calm = portrait("a", watches=(watch(9),))
    page = index([calm, portrait("z"), bare(name="m")], NOW)
    places = [page.index(f'href="{name}.html"') for name in ("z", "m", "a")]
    assert places == sorted(places)
    assert "3 in all: 1 with alarms, 1 quiet." in words(page)


@pytest.mark.parametrize(
    ("changes", "tone", "word"),
    [
        ({"versions": (version(),)}, "none", "no champion"),
        ({"watches": ()}, "mind", "not watched"),
        ({"watches": (alarmed(9),)}, "bad", "1 alarm"),
        ({"watches": (watch(9),)}, "good", "quiet"),
        ({"watches": (watch(7),)}, "mind", "looks stopped"),
        ({"watches": (watch(9, version=2),)}, "mind", "not watched"),
        ({"watches": (alarmed(9, findings=()),)}, "mind", "retraining"),
    ],
)
def test_how_it_stands_is_the_first_thing_that_matters(changes: dict[str, object], tone: str, word: str) -> None:
    found = stand(portrait(**changes), NOW)
    assert (found.tone, found.word) == (tone, word)


def test_a_card_tells_champion_age_metric_data_look_and_decision() -> None:
    told = words(index([portrait()], NOW))
    assert "version 3, promoted" in told
    assert "registered 6 days ago" in told
    assert "ROC AUC" in told
    assert "0.840 [0.820, 0.860]" in told
    assert f"{record().evaluation.data_digest[:8]}, first used" in told
    assert "5 hours ago" in told


def test_a_champion_whose_record_is_gone_is_shown_without_its_figures() -> None:
    told = words(index([portrait(records={1: record()})], NOW))
    assert "version 3, promoted" in told
    assert "ROC AUC" not in told.replace("roc_auc", "")


def test_the_page_tells_every_version_with_its_verdict_and_every_decision() -> None:
    told = words(use_case(portrait(), NOW))
    assert "2 2026-03-02 08:00 UTC reject" in told
    assert "3 2026-03-03 08:00 UTC promote champion" in told
    assert "2026-03-09 06:05 UTC version 3 yes performance worse by 12 %" in told
    assert "12.0 %, proved" in told


def test_drift_is_told_in_words_beside_its_colour_and_the_worst_column_comes_first() -> None:
    made = strip((alarmed(9), watch(8)))
    told = words(made)
    assert told.index("contract") < told.index("tenure")
    assert "matters" in told
    assert "heat-3" in made
    assert "0.01" in told, "the look before is shown beside it"


def test_of_two_tests_of_a_column_the_one_further_from_its_floor_is_shown() -> None:
    missing = drift("tenure", test="missing", effect=0.1, floor=0.02, drifted=True)
    assert "0.10 △" in words(strip((watch(columns=(drift(), missing)),)))


def test_a_column_that_was_not_tested_is_no_zero() -> None:
    told = words(strip((watch(columns=(drift(effect=None, untested="too few rows"),), prediction=None),)))
    assert "?" in told
    assert "0.00" not in told


def test_only_so_many_columns_are_shown_and_the_rest_are_counted() -> None:
    many = tuple(drift(f"column {n}") for n in range(40))
    assert "17 columns that moved less are not shown." in words(strip((watch(columns=many),)))


def test_a_chart_holds_every_point_and_every_end_of_an_interval() -> None:
    values = enumerate((-3.0, 40.0, 7.5))
    points = tuple(Point(NOW + timedelta(days=n), value, value - 5, value + 5, f"day {n}") for n, value in values)
    made = chart("RMSE", [Curve("seen", "dot", points)])
    assert made is not None
    ys = [float(part.split('"')[0]) for name in ("y1", "y2", "cy") for part in made.split(f' {name}="')[1:]]
    assert all(0 <= y <= 230 for y in ys)
    assert "day 2" in made
    assert Tags(made).seen.count("circle") == 4, "three points and the legend's"


@pytest.mark.parametrize("values", [(0.5,), (0.0, 0.0), (1e9, 1e9 + 1), (-1e-9, 1e-9), (5e5, 4e5)])
def test_a_chart_is_drawn_of_any_values(values: tuple[float, ...]) -> None:
    points = tuple(Point(NOW, value, None, None, "so") for value in values)
    made = chart("any", [Curve("seen", "ring", points)])
    assert made is not None
    assert "nan" not in made
    assert Tags(made).open == []


def test_a_chart_of_nothing_is_none() -> None:
    assert chart("any", [Curve("seen", "ring", ())]) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-03-07T11:00:00+00:00", "2 days ago"),
        ("2026-03-08T11:00:00+00:00", "25 hours ago"),
        ("2026-03-09T11:59:00", "1 minute ago"),
        ("2026-03-09T14:00:00+00:00", "just now"),
    ],
)
def test_ages_are_told_in_the_unit_that_says_something(text: str, told: str) -> None:
    assert age(text, NOW) == told
    assert moment(text).tzinfo is not None
