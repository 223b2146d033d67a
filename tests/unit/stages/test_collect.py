import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from slipway.core.errors import DataMissing, DataUnfit, SourceUnavailable
from slipway.core.source import Errand, Source, Variable
from slipway.core.task import Task
from slipway.core.use_case import Numeric, UseCase
from slipway.stages.collect import collect
from slipway.workspace.paths import Paths


def collecting(source: Callable[[Path], pd.DataFrame]) -> UseCase:
    return UseCase(
        name="flats",
        title="Rents",
        task=Task.REGRESSION,
        target="rent",
        key=("area",),
        features=(Numeric("area", "m²"),),
        collect=source,
        expectations=(),
    )


def flats(root: Path) -> pd.DataFrame:
    return pd.DataFrame({"area": [20.0, 30.0], "rent": [500.0, 700.0]})


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path, "flats")


def test_what_the_source_gives_is_written_as_it_is(paths: Paths) -> None:
    assert collect(collecting(flats), paths) == "2 rows, 2 columns"
    pd.testing.assert_frame_equal(pd.read_parquet(paths.raw), flats(paths.root))


def test_the_source_is_told_the_projects_root(paths: Paths) -> None:
    roots: list[Path] = []
    collect(collecting(lambda root: roots.append(root) or flats(root)), paths)
    assert roots == [paths.root]


def test_equal_tables_are_equal_files(paths: Paths) -> None:
    collect(collecting(flats), paths)
    first = paths.raw.read_bytes()
    collect(collecting(flats), paths)
    assert paths.raw.read_bytes() == first


def fails(root: Path) -> pd.DataFrame:
    raise ConnectionError("no route to host\nand a long story")


def test_a_source_that_fails_is_told_in_one_line(paths: Paths) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        collect(collecting(fails), paths)
    assert caught.value.what == "the source of flats gave nothing usable: ConnectionError: no route to host"
    assert "slipway collect flats" in caught.value.next_step


def test_a_source_that_explains_itself_is_left_to_speak(paths: Paths) -> None:
    def explains(root: Path) -> pd.DataFrame:
        raise DataMissing("flats.csv does not exist", cause="it was moved", next_step="bring it back")

    with pytest.raises(DataMissing, match=r"flats\.csv"):
        collect(collecting(explains), paths)


@pytest.mark.parametrize("answer", [None, [1, 2], {"area": [1]}])
def test_a_source_that_gives_no_table_is_refused(paths: Paths, answer: object) -> None:
    with pytest.raises(SourceUnavailable, match=type(answer).__name__):
        collect(collecting(lambda root: answer), paths)  # type: ignore[arg-type, return-value]


def test_a_table_that_no_file_can_hold_is_refused(paths: Paths) -> None:
    mixed = pd.DataFrame({"area": [1, "x"], "rent": [1.0, 2.0]})
    with pytest.raises(SourceUnavailable, match="Parquet"):
        collect(collecting(lambda root: mixed), paths)


def test_an_empty_table_is_refused(paths: Paths) -> None:
    with pytest.raises(DataUnfit, match="empty"):
        collect(collecting(lambda root: flats(root).iloc[:0]), paths)


def test_a_table_without_the_target_is_refused_and_says_what_there_is(paths: Paths) -> None:
    with pytest.raises(DataUnfit, match="'rent'") as caught:
        collect(collecting(lambda root: flats(root).rename(columns={"rent": "price"})), paths)
    assert "area, price" in caught.value.cause


@pytest.mark.parametrize("bad", [fails, lambda root: flats(root).iloc[:0], lambda root: flats(root)[["area"]]])
def test_the_last_good_table_is_kept(paths: Paths, bad: Callable[[Path], pd.DataFrame]) -> None:
    collect(collecting(flats), paths)
    before = paths.raw.read_bytes()
    with pytest.raises((SourceUnavailable, DataUnfit)):
        collect(collecting(bad), paths)
    assert paths.raw.read_bytes() == before
    assert [file.name for file in paths.data.iterdir()] == ["raw.parquet"]


def asking(fetch: Callable[[Errand], object], *variables: Variable) -> UseCase:
    return replace(collecting(flats), collect=Source(fetch, variables))  # type: ignore[arg-type]


SECRET = "a-secret-nobody-may-see"  # noqa: S105  # of nothing
KEY = Variable("FLATS_KEY", unlocks="flats", how="ask for one")


def test_a_source_is_handed_the_variables_it_names_and_no_others(paths: Paths) -> None:
    handed: list[Errand] = []
    environment = {"FLATS_KEY": " k\n", "EMPTY": " ", "OTHER": "x"}
    asked = asking(lambda errand: handed.append(errand) or flats(errand.root), KEY, Variable("EMPTY"))
    collect(asked, paths, environment)
    assert handed[0].variables == {"FLATS_KEY": "k"}


def test_what_a_source_keeps_is_there_the_next_time_and_lies_below_data(paths: Paths) -> None:
    seen: list[list[str]] = []

    def fetch(errand: Errand) -> pd.DataFrame:
        seen.append([file.read_text() for file in errand.kept.rglob("*.txt")])
        errand.keep("2024/01.txt", b"whole")
        return flats(errand.root)

    collect(asking(fetch), paths)
    collect(asking(fetch), paths)
    assert seen == [[], ["whole"]]
    assert (paths.data / "kept" / "2024" / "01.txt").is_file()


def test_a_source_tells_how_far_it_is_and_what_time_it_goes_by(paths: Paths) -> None:
    now, told = datetime(2024, 1, 2, tzinfo=UTC), []

    def fetch(errand: Errand) -> pd.DataFrame:
        errand.tell(f"{errand.now:%Y-%m-%d}")
        return flats(errand.root)

    collect(asking(fetch), paths, tell=told.append, now=now)
    assert told == ["2024-01-02"]


def test_a_table_in_pieces_is_the_table_whole(paths: Paths) -> None:
    assert collect(asking(lambda errand: (flats(errand.root) for _ in range(3))), paths) == "6 rows, 2 columns"
    whole = pd.concat([flats(paths.root)] * 3, ignore_index=True)
    pd.testing.assert_frame_equal(pd.read_parquet(paths.raw), whole)


def test_a_piece_without_rows_is_passed_over(paths: Paths) -> None:
    pieces = lambda errand: iter([flats(errand.root).iloc[:0], flats(errand.root)])  # noqa: E731
    assert collect(asking(pieces), paths) == "2 rows, 2 columns"


def breaking(errand: Errand) -> Iterator[pd.DataFrame]:
    yield flats(errand.root)
    raise ConnectionError(f"GET /?key={errand.variables.get('FLATS_KEY')}")


BAD_PIECES = {
    "the source fails between two": breaking,
    "one has other columns": lambda errand: iter([flats(errand.root), flats(errand.root)[["rent"]]]),
    "one is no table": lambda errand: iter([flats(errand.root), None]),
    "all are empty": lambda errand: iter([flats(errand.root).iloc[:0]]),
    "there is none": lambda errand: iter([]),
    "they lack the target": lambda errand: iter([flats(errand.root)[["area"]]]),
}


@pytest.mark.parametrize("name", BAD_PIECES)
def test_a_table_that_breaks_off_leaves_the_last_good_one(paths: Paths, name: str) -> None:
    collect(collecting(flats), paths)
    before = paths.raw.read_bytes()
    with pytest.raises((SourceUnavailable, DataUnfit)):
        collect(asking(BAD_PIECES[name]), paths)
    assert paths.raw.read_bytes() == before
    assert [file.name for file in paths.data.iterdir()] == ["raw.parquet"]


def test_no_error_holds_a_secret(paths: Paths) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        collect(asking(breaking, KEY), paths, {"FLATS_KEY": SECRET})
    assert caught.value.what.endswith("ConnectionError: GET /?key=***")
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown


def test_a_secret_is_not_shown_with_an_errand(paths: Paths) -> None:
    handed: list[Errand] = []
    asked = asking(lambda errand: handed.append(errand) or flats(errand.root), KEY)
    collect(asked, paths, {"FLATS_KEY": SECRET})
    assert SECRET not in repr(handed)
