from pathlib import Path

from tests.use_cases.homes import bench_scale
from use_cases.homes.source.molit.records import CANCELLED, FIELDS


def test_generated_trades_are_as_the_api_tells_them_and_equal_for_equal_months() -> None:
    ministry = bench_scale.Ministry()
    records = ministry.month("11680", "202401")
    assert len(records) == bench_scale.A_MONTH
    assert tuple(records[0]) == FIELDS
    assert 0.01 < sum(record["cdealType"] == CANCELLED for record in records) / len(records) < 0.12
    assert ministry.month("11680", "202401") == records
    assert ministry.month("11680", "202402") != records


def test_generated_trades_go_all_the_way_to_features(tmp_path: Path) -> None:
    trades = bench_scale.A_MONTH * bench_scale.DISTRICTS
    collected = bench_scale.fetch_and_collect(tmp_path, trades)
    assert bench_scale.collect_again(tmp_path, trades) == collected
    trained, held_out = (
        int(part.split()[0].replace(",", "")) for part in bench_scale.prepare(tmp_path, trades).split(", ")
    )
    assert trained + held_out == int(collected.split()[0].replace(",", ""))
