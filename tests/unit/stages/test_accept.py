from pathlib import Path

import pandas as pd
import pytest

from slipway.core.accepted import AcceptedData
from slipway.core.errors import DataMissing
from slipway.stages.accept import accept
from slipway.workspace.files import file_digest, write_frame
from slipway.workspace.paths import Paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path, "flats")


def flats(rent: float = 500.0) -> pd.DataFrame:
    return pd.DataFrame({"area": [20.0, 30.0], "rent": [rent, 700.0]})


def test_the_table_at_hand_is_put_down_in_the_use_case_s_folder(paths: Paths) -> None:
    write_frame(paths.raw, flats())
    assert accept(paths) == "src/use_cases/flats/accepted.json is of this table now, 2 rows: commit it"
    written = AcceptedData.model_validate_json(paths.accepted.read_text())
    assert (written.rows, written.data_digest) == (2, file_digest(paths.raw))


def test_accepting_again_writes_nothing(paths: Paths) -> None:
    write_frame(paths.raw, flats())
    accept(paths)
    before = paths.accepted.stat().st_mtime_ns
    assert accept(paths) == "src/use_cases/flats/accepted.json is of this table already"
    assert paths.accepted.stat().st_mtime_ns == before


@pytest.mark.parametrize("old", ["{", "{}"])
def test_a_new_table_takes_the_place_of_the_old_also_of_a_damaged_one(paths: Paths, old: str) -> None:
    write_frame(paths.raw, flats())
    accept(paths)
    write_frame(paths.raw, flats(900.0))
    paths.accepted.write_text(old)
    accept(paths)
    assert AcceptedData.model_validate_json(paths.accepted.read_text()).data_digest == file_digest(paths.raw)


def test_without_a_table_nothing_is_accepted(paths: Paths) -> None:
    with pytest.raises(DataMissing, match="does not exist"):
        accept(paths)
    assert not paths.accepted.exists()
