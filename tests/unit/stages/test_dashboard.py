from pathlib import Path

import pytest

from slipway.adapters.mlflow.twin import InMemoryRegistry
from slipway.adapters.mlflow.watches import InMemoryWatches
from slipway.core.errors import RegistryUnreachable, WriteFailed
from slipway.stages.dashboard import RECORDS, portray, write_site
from tests.support.looks_by_day import alarmed, watch
from tests.support.portraits import NOW, portrait
from tests.support.records import record, write_bundle


def registry(folder: Path) -> InMemoryRegistry:
    made = InMemoryRegistry(folder / "registry")
    written = write_bundle(folder / "bundle", record())
    made.register(written, folder / "bundle", [])
    made.promote("churn", 1, expected_champion=None)
    return made


def test_a_use_case_is_shown_with_versions_records_and_looks_newest_first(tmp_path: Path) -> None:
    watches = InMemoryWatches()
    for look in (watch(8), alarmed(9), watch(7)):
        watches.keep(look)
    seen = portray("churn", "Title", registry(tmp_path), watches, lambda name, number: f"https://m/{name}/{number}")
    assert [version.number for version in seen.versions] == [1]
    assert seen.records[1].evaluation.use_case == "churn"
    assert [look.made_at[8:10] for look in seen.watches] == ["09", "08", "07"]
    assert seen.links == {1: "https://m/churn/1"}


def test_of_very_many_versions_the_latest_records_are_asked_for_and_the_champion_s(tmp_path: Path) -> None:
    many = InMemoryRegistry(tmp_path / "registry")
    for number in range(RECORDS + 5):
        folder = tmp_path / str(number)
        many.register(write_bundle(folder, record(), str(number)), folder, [])
    many.promote("churn", 2, expected_champion=None)
    seen = portray("churn", "Title", many, InMemoryWatches())
    assert len(seen.versions) == RECORDS + 5
    assert set(seen.records) == {2, *range(6, RECORDS + 6)}


def test_a_registry_that_does_not_answer_is_an_error_and_no_empty_page(tmp_path: Path) -> None:
    with pytest.raises(RegistryUnreachable):
        portray("churn", "Title", InMemoryRegistry(tmp_path, reachable=False), InMemoryWatches())


def test_a_page_a_use_case_and_an_index_take_the_place_of_those_before(tmp_path: Path) -> None:
    into = tmp_path / "site"
    write_site([portrait("gone")], into, NOW)
    pages = write_site([portrait("churn"), portrait("homes")], into, NOW)
    assert [path.name for path in pages] == ["index.html", "churn.html", "homes.html"]
    assert {path.name for path in into.iterdir()} == {"index.html", "churn.html", "homes.html"}


@pytest.mark.parametrize("other", ["notes.md", ".git/config", "data/table.html"])
def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path, other: str) -> None:
    path = tmp_path / "docs" / other
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(WriteFailed, match="nothing was written"):
        write_site([portrait()], tmp_path / "docs", NOW)
    assert path.read_text() == "mine"


def test_a_file_in_place_of_the_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "site.html").write_text("mine")
    with pytest.raises(WriteFailed):
        write_site([portrait()], tmp_path / "site.html", NOW)
    assert (tmp_path / "site.html").read_text() == "mine"
