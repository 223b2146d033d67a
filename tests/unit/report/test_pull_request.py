import re
import time
from typing import Any

import pytest
from markdown_it import MarkdownIt

from slipway.core.changes import ColumnChange, Retyped
from slipway.core.evaluation import Decision, MainMetrics, Opponent, Series, Verdict
from slipway.core.expectation import ExpectationResult, Severity, Validation
from slipway.core.pull_report import Dossier, PullReport
from slipway.report.markdown import COMMENT_LIMIT
from slipway.report.pull_request import MARKER, render
from tests.support import pull_reports as made
from tests.support import records

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
HOSTILE = (
    "<script>alert(1)</script>",
    "](https://evil.example) [x](javascript:alert(1))",
    "| a | b |\n| --- | --- |",
    "@everyone #1 `code` **bold**",
    "</details></details><!-- -->",
    "-->\n## A heading\n```sh\nrm -rf /",
)


def row(text: str, name: str = "churn") -> list[str]:
    [line] = [line for line in text.splitlines() if line.startswith(f"| **{name}**")]
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def shape(text: str) -> list[str]:
    """Kinds of the Markdown's blocks and spans, and its HTML tags; not what they say."""
    kinds = []
    for token in MARKDOWN.parse(text):
        kinds += [token.type, *(child.type for child in token.children or () if child.type != "text")]
    return [*kinds, *re.findall(r"</?[a-z]+", text)]


def test_the_hidden_marker_comes_first() -> None:
    assert render(made.pull_report(made.dossier())).startswith(f"{MARKER}\n\n## ")
    assert render(made.pull_report()).startswith(f"{MARKER}\n\n## ")


def test_verdicts_come_before_everything_else_and_the_worst_first() -> None:
    dossiers = [
        made.dossier("alpha"),
        made.dossier("beta", Decision.HOLD),
        made.dossier("gamma", Decision.REJECT),
        made.dossier("delta", record=None, results=(made.failed(),)),
        made.dossier("epsilon", record=None, results=()),
    ]
    text = render(made.pull_report(*dossiers))
    lines = [line for line in text.splitlines() if line.startswith("| **")]
    assert [line.split("|")[1].strip("* ") for line in lines] == ["delta", "epsilon", "gamma", "beta", "alpha"]
    assert [line.split("|")[2].strip() for line in lines] == [
        "❌ train failed", "❔ no result", "❌ reject", "⏸️ hold", "✅ promote",
    ]  # fmt: skip
    assert "## Slipway: 1 failed, 1 no result, 1 reject, 1 hold, 1 promote" in text


def test_a_line_of_verdicts_holds_metric_base_champion_data_image_and_time() -> None:
    champion = Opponent(version="3", record_digest="r", model_digest="m")
    incumbents = records.incumbents(champion=None).model_copy(update={"champion": champion})
    record = records.record(incumbents=incumbents, comparisons=(records.comparison("champion", 0.012),))
    whole = made.dossier(record=record, image=made.image(), changes=made.data_changes())
    assert row(render(made.pull_report(whole))) == [
        "**churn**", "✅ promote", "ROC AUC 0.840 [0.820,\u00a00.860]", "+0.010 (was 0.830)",
        "+0.012 [+0.007,\u00a0+0.017], better", "+120 rows, ⚠️ 1 moved", "312\u00a0MB", "1\u00a0min",
    ]  # fmt: skip


def test_a_first_candidate_has_neither_base_nor_champion() -> None:
    record = records.record(incumbents=records.incumbents(main=None))
    cells = row(render(made.pull_report(made.dossier(record=record))))
    assert cells[3:5] == ["no metrics yet", "no champion yet"]


def test_a_registry_that_did_not_answer_is_not_taken_for_an_empty_one() -> None:
    record = records.record(incumbents=records.incumbents(registry="unreachable"))
    assert row(render(made.pull_report(made.dossier(record=record))))[4] == "registry silent"


def test_rounding_of_committed_metrics_is_no_change() -> None:
    main = MainMetrics(reference="main", metrics={"roc_auc": 0.8400004})
    text = render(made.pull_report(made.dossier(record=records.record(incumbents=records.incumbents(main=main)))))
    assert row(text)[3] == "0.000 (was 0.840)"


def test_a_failed_stage_tells_what_failed_its_cause_and_the_next_step() -> None:
    text = render(made.pull_report(made.dossier(record=None, results=(made.result("collect"), made.failed()))))
    assert "## ❌ churn: train failed\n\n**the estimator could not be fitted**" in text
    assert "- Likely cause: a feature is constant\n- Next step: drop it\n- Exit code 30" in text


def test_a_failed_stage_outweighs_the_record_of_an_earlier_run() -> None:
    text = render(made.pull_report(made.dossier(results=(made.failed(),))))
    assert row(text)[1] == "❌ train failed"
    assert "promote" not in text


def test_data_that_was_refused_is_shown_with_its_rows() -> None:
    breach = ExpectationResult(
        kind="k", column="age", severity=Severity.ERROR, passed=False, allowed="above 0", observed="-4",
        examples=({"row": "488", "age": "-4"},),
    )  # fmt: skip
    validation = Validation(use_case="churn", rows=9, columns=2, data_digest="d", results=(breach,))
    dossier = made.dossier(record=None, results=(made.failed("validate"),), validation=validation)
    text = render(made.pull_report(dossier))
    assert "expected above 0; observed -4\n  - row 488: age -4" in text
    assert row(text)[5] == "❌ 1 error"


def test_a_failure_of_many_lines_is_told_as_a_list() -> None:
    failed = made.failed(headline="two things are wrong:\n  the first\n\n  the second")
    text = render(made.pull_report(made.dossier(record=None, results=(failed,))))
    assert "**two things are wrong**\n\n- the first\n- the second" in text


def test_a_failure_without_words_is_told_as_one() -> None:
    failed = made.failed(headline="", cause="", next_step="")
    assert "**It did not say why.**" in render(made.pull_report(made.dossier(record=None, results=(failed,))))


def test_errors_of_the_data_come_before_warnings() -> None:
    fields: dict[str, Any] = {"kind": "k", "passed": False, "allowed": "a", "observed": "o"}
    breaches = (
        ExpectationResult(column="one", severity=Severity.WARNING, **fields),
        ExpectationResult(column="two", severity=Severity.ERROR, **fields),
    )
    validation = Validation(use_case="churn", rows=9, columns=2, data_digest="d", results=breaches)
    text = render(made.pull_report(made.dossier(validation=validation)))
    assert text.index("❌ **two**") < text.index("⚠️ **one**")


def test_a_job_that_died_is_told_with_the_stages_that_ended_well() -> None:
    text = render(made.pull_report(made.dossier(record=None, results=(made.result("validate"),))))
    assert "## ❔ churn: no result" in text
    assert "- Stages that ended well: validate" in text


def test_nothing_affected_is_a_short_friendly_comment() -> None:
    text = render(made.pull_report())
    assert "no model is affected" in text
    assert len(text) < 600


def test_removed_use_cases_are_named() -> None:
    assert "Removed: **old**, **older**." in render(made.pull_report(made.dossier(), removed=("old", "older")))
    assert "Removed: **old**." in render(made.pull_report(removed=("old",)))


def test_what_changed_in_the_data_names_rows_columns_and_distributions() -> None:
    changes = made.data_changes(
        added=("plan",), removed=("fax",), retyped=(Retyped(column="zip", before="number", after="text"),)
    )
    text = render(made.pull_report(made.dossier(changes=changes)))
    assert "- 7,043 rows before, 7,163 now (+120)" in text
    assert "- ⚠️ columns added: plan" in text
    assert "- ⚠️ columns removed: fax" in text
    assert "- ⚠️ zip was number, is text" in text
    assert "| ⚠️ tenure | 0.310 | 0.0\u00a0% |" in text
    assert text.index("tenure | 0.310") < text.index("<summary>1 other column</summary>") < text.index("| contract |")


def test_a_column_that_lost_its_values_is_marked_even_when_its_distribution_stayed() -> None:
    lost = ColumnChange(column="plan", missing_before=0.0, missing_after=0.4, distance=0.0)
    text = render(made.pull_report(made.dossier(changes=made.data_changes(columns=(lost,)))))
    assert "| ⚠️ plan | 0.000 | 0.0\u00a0% → 40.0\u00a0% |" in text


def test_the_same_data_and_unknown_data_are_told_apart() -> None:
    same = made.data_changes(digest_after="1" * 32)
    unknown = made.data_changes(known=False, problem="the remote is out of reach")
    assert row(render(made.pull_report(made.dossier(changes=same))))[5] == "same"
    text = render(made.pull_report(made.dossier(changes=unknown)))
    assert row(text)[5] == "change not known"
    assert "Not known: the remote is out of reach." in text


def test_how_it_serves_and_what_it_weighs_is_told() -> None:
    text = render(made.pull_report(made.dossier(image=made.image())))
    assert "The image is 312\u00a0MB, of which 150\u00a0MB are its base image" in text
    assert "| One row, median of 200 requests | 1.250\u00a0ms |" in text


def test_cost_is_minutes_times_a_price_that_is_told() -> None:
    results = (made.result("train", seconds=600.0),)
    text = render(made.pull_report(made.dossier(results=results), price=0.01))
    assert "10\u00a0min of stages, about $0.100 at $0.010 a runner's minute" in text


def test_changed_parameters_stand_open() -> None:
    text = render(made.pull_report(made.dossier(previous_params={"train": {"estimator": "lightgbm", "seed": 8}})))
    assert "| train.seed | 8 | 7 |" in text


def filled_with(word: str) -> PullReport:
    column = ColumnChange(column=word, missing_before=0.0, missing_after=0.0, distance=0.5)
    retyped = Retyped(column=word, before=word, after=word)
    changes = made.data_changes(columns=(column,), added=(word,), retyped=(retyped,))
    record = records.record(verdict=Verdict(decision=Decision.HOLD, reasons=(word,)))
    failed = made.failed(word, headline=word.replace("\n", " "), cause=word, next_step=word)
    dossiers = [
        made.dossier(word, reasons=(word,), changes=changes, record=record, previous_params={word: word}),
        made.dossier("b", record=None, results=(failed,)),
        made.dossier("c", changes=made.data_changes(known=False, problem=word)),
    ]
    return made.pull_report(*dossiers, base=word, head=word, removed=(word,))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_from_outside_does_nothing(hostile: str) -> None:
    text = render(filled_with(hostile))
    assert shape(text) == shape(render(filled_with("word")))
    assert "@everyone" not in text


def test_a_hundred_use_cases_fit_and_every_verdict_has_its_line() -> None:
    dossiers = [made.dossier(f"case-{n:03}", changes=made.data_changes(), image=made.image()) for n in range(100)]
    text = render(made.pull_report(*dossiers))
    assert len(text) < COMMENT_LIMIT
    assert sum(line.startswith("| **case-") for line in text.splitlines()) == 100
    assert f"[the run's artifact]({made.RUN})" in text
    assert "Left out for length: charts of 100 use cases" in text


def test_what_matters_least_goes_first_across_all_use_cases() -> None:
    dossiers = [made.dossier(f"case-{n}", changes=made.data_changes()) for n in range(3)]
    whole = render(made.pull_report(*dossiers))
    shorter = render(made.pull_report(*dossiers), limit=len(whole) - 300)
    assert shorter.count("### Slices") == whole.count("### Slices")
    assert shorter.count("Calibration") == 2
    assert "Left out for length: charts." in shorter


def test_the_worst_use_cases_keep_their_sections_longest() -> None:
    dossiers = [made.dossier(f"case-{n:03}") for n in range(99)]
    dossiers.append(made.dossier("worst", record=None, results=(made.failed(),)))
    text = render(made.pull_report(*dossiers), limit=30_000)
    assert len(text) <= 30_000
    assert "## ❌ worst: train failed" in text
    assert "a feature is constant" in text
    assert "verdict of " in text


def nested(levels: int) -> dict[str, Any]:
    return {"a": nested(levels - 1)} if levels else {}


def giant(n: int) -> Dossier:
    word = "<|`\U0001f4a5" * 4_000
    reasons = (word,) * 50
    verdict = Verdict(decision=Decision.REJECT, reasons=reasons)
    charts = tuple(Series(name=f"{word}{i}", x=(0.0, 1.0), y=(0.0, 1.0)) for i in range(20))
    slices = tuple(records.slice_result(word) for _ in range(200))
    record = records.record(verdict=verdict, charts=charts, slices=slices, gates=(records.gate(word),) * 60)
    changes = made.data_changes(added=(word,) * 500)
    stages = (made.result(word, headline=word),) * 20
    return Dossier(use_case=f"{n:03}" + word[:300], reasons=reasons, results=stages, record=record, changes=changes)


def test_hostile_giant_texts_fit_and_keep_their_tables_whole() -> None:
    started = time.perf_counter()
    text = render(made.pull_report(*(giant(n) for n in range(25)), removed=("x" * 400,) * 1_000))
    assert len(text) < COMMENT_LIMIT
    assert text.count("<details>") == text.count("</details>")
    assert text.endswith("</sub>\n")
    assert time.perf_counter() - started < 30


def test_a_table_without_room_counts_the_rest() -> None:
    text = render(made.pull_report(*(made.dossier(f"case-{n:03}") for n in range(500))), limit=20_000)
    assert len(text) <= 20_000
    assert "more without a line here: " in text


def test_the_report_survives_its_way_through_json() -> None:
    report = made.pull_report(made.dossier(image=made.image(), changes=made.data_changes()))
    assert PullReport.model_validate_json(report.model_dump_json()) == report


@pytest.mark.parametrize(
    "changes",
    [
        {"base": "b" * 500},
        {"run_url": "javascript:alert(1)"},
        {"run_url": "https://github.com/a) [b](https://evil.example"},
        {"price": -1.0},
        {"removed": ("x",) * 2_000},
    ],
)
def test_a_report_without_bounds_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        made.pull_report(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"reasons": ("x" * 30_000,)},
        {"previous_params": {"a": 10**20}},
        {"previous_params": {"a": ["x"] * 30_000}},
        {"previous_params": nested(60)},
        {"image": made.image().model_copy(update={"size_bytes": 10**400})},
    ],
    ids=["text", "count", "list", "nesting", "size"],
)
def test_a_dossier_without_bounds_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at most"):
        Dossier(use_case="churn", **changes)
