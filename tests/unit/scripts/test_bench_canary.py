from scripts.bench_canary import rows


def test_few_canaries_make_every_row_of_the_table() -> None:
    table = list(rows(2, 2))
    assert len(table) == 4 + 4 + 6
    assert ("5.0% errors, none before", "usual", "2 of 2") in table
    assert all(stopped == "0 of 2" for what, _, stopped in table if what.startswith("nothing"))
