"""The whole way with Seoul set: from the API to rows to train on, in a project of its own."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from tests.support.molit import KEY, MolitServer, molit_server, trade
from tests.support.workspace import make_workspace, slipway
from use_cases.homes.source.gazetteer import TABLE

pytestmark = pytest.mark.pipeline


@pytest.fixture
def month() -> str:
    return f"{datetime.now(UTC) + timedelta(hours=9):%Y%m}"


@pytest.fixture
def server(month: str) -> Iterator[MolitServer]:
    dongs = pd.read_csv(TABLE, dtype={"code": str}).dropna(subset="legal_dong")
    with molit_server() as running:
        for place in dongs.itertuples():
            code = str(place.code)
            running.register(code[:5], month, *_trades(code, str(place.legal_dong), month))
        yield running


def _trades(code: str, dong: str, month: str) -> list[dict[str, str]]:
    return [
        trade(
            sggCd=code[:5],
            umdCd=code[5:],
            umdNm=dong,
            aptSeq=f"{code}-{i % 3}",
            dealYear=month[:4],
            dealMonth=str(int(month[4:])),
            dealDay="1",
            floor=str(1 + i),
            dealAmount=f"{60_000 + 900 * i:,}".rjust(10),
            cdealType="O" if i == 11 else " ",
        )
        for i in range(12)
    ]


def test_with_seoul_set_only_a_key_is_needed(tmp_path: Path, server: MolitServer, month: str) -> None:
    project = make_workspace(tmp_path)
    market = project / "src/use_cases/homes/source/market.py"
    text = market.read_text()
    assert text.count("MARKET = KING_COUNTY") == 1
    market.write_text(text.replace("MARKET = KING_COUNTY", f'MARKET = SEOUL\nFIRST_MONTH = "{month}"'))
    params = project / "params.yaml"
    params.write_text(
        re.sub(r"by: time\n +holdout_from: .*", "by: key", params.read_text())
    )  # all trades are of one day
    environment = {"MOLIT_API_URL": server.url}

    refused = slipway(project, "collect", "homes", env=environment)
    assert (refused.returncode, server.asked) == (21, [])
    assert "MOLIT_SERVICE_KEY is not set" in refused.stderr
    doctor = slipway(project, "doctor", env=environment)
    assert "MOLIT_SERVICE_KEY" in doctor.stdout

    environment["MOLIT_SERVICE_KEY"] = KEY
    said = ""
    for command in (("collect", "homes"), ("accept", "homes"), ("run", "homes", "--until", "prepare")):
        done = slipway(project, *command, env=environment)
        said += done.stdout + done.stderr
        assert done.returncode == 0, said
    assert KEY not in said
    raw = pd.read_parquet(project / "data/homes/raw.parquet")
    assert len(raw) == 467 * 11
    assert raw["placed_by"].eq("legal_dong").all()
    assert raw["cancelled_share"].between(0.08, 0.09).all()
    pages = [(query["LAWD_CD"], query["pageNo"]) for query in server.asked]
    assert len(pages) == len(set(pages))
