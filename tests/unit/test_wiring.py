from pathlib import Path

import pytest

from slipway.adapters.probes import MachineProbes
from slipway.core.errors import ParamsInvalid
from slipway.settings import read_settings
from slipway.wiring import Project, check_params
from slipway.workspace.params import parse_params
from use_cases.churn import USE_CASE

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "params.yaml").read_text()


def check(old: str, new: str) -> None:
    assert old in TEXT
    check_params(parse_params(TEXT.replace(old, new, 1)).use_cases["churn"], USE_CASE)


def test_the_committed_params_fit_their_use_case() -> None:
    check("", "")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[contract,", "[contrct,", "evaluate.slices: unknown name 'contrct', did you mean contract"),
        ("[contract,", "[tenure,", "evaluate.slices: unknown name 'tenure'"),
        ("metric: brier", "metric: bier", "gates: unknown name 'bier', did you mean brier"),
        (
            "retrain: {metric: brier,",
            "retrain: {metric: bier,",
            "retrain.metric: unknown name 'bier', did you mean brier",
        ),
        ("metric: average_precision", "metric: rmse", "gates: unknown name 'rmse', expected one of roc_auc"),
        ("max_drop: 0.03", "max_drop: 0.03, strict: [contact=Two year]", "strict: unknown name 'contact'"),
        ("out_of_range: refuse", "refused: [tenur]", "serve.refused: unknown name 'tenur', did you mean tenure"),
        ("hashed: []", "hashed: [femal]", "serve.log.hashed: unknown name 'femal', did you mean female"),
        ("left_out: []", "left_out: [customer_id]", "serve.log.left_out: unknown name 'customer_id'"),
        ("{hashed: [], left_out: []}", "{hashed: [tenure], left_out: [tenure]}", "tenure is named as hashed and as"),
    ],
)
def test_a_name_that_the_use_case_does_not_have_is_refused(old: str, new: str, told: str) -> None:
    with pytest.raises(ParamsInvalid, match=told):
        check(old, new)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("holdout_share: 0.25", "by: time", "split.by: the use case declares no such thing: it needs a `time`"),
        ("seed: 7", "target: log", "train.target: .* it needs an amount as its target"),
        ("seed: 7", "target: log\n      level: {}", "train.(target|level)"),
        ("threshold: 0.3", "bands: 5", "evaluate.bands: .* it needs an amount"),
    ],
)
def test_what_the_use_case_does_not_declare_cannot_be_asked_for(old: str, new: str, told: str) -> None:
    with pytest.raises(ParamsInvalid, match=told):
        check(old, new)


def test_secrets_are_not_shown_with_the_settings() -> None:
    settings = read_settings(ROOT, {"SLACK_BOT_TOKEN": "xoxb-secret", "SLACK_CHANNEL": "C1", "GITHUB_TOKEN": "ghp"})
    assert settings.slack_token == "xoxb-secret"  # noqa: S105 - made up
    assert "xoxb" not in repr(settings)
    assert "ghp" not in repr(settings)


def test_the_project_is_found_from_a_folder_below() -> None:
    assert read_settings(ROOT / "src" / "slipway", {}).root == ROOT


def test_outside_a_project_the_way_in_is_told(tmp_path: Path) -> None:
    with pytest.raises(ParamsInvalid, match=r"no params\.yaml and dvc\.yaml"):
        read_settings(tmp_path, {})


def test_without_slack_results_go_to_the_terminal() -> None:
    assert type(Project(read_settings(ROOT, {})).notifier).__name__ == "TerminalNotifier"


def test_services_are_asked_where_the_environment_says() -> None:
    elsewhere = {
        "SLACK_API_URL": "https://proxy.example.org/api/",
        "GITHUB_API_URL": "https://github.example.org/api/v3",
    }
    probes = Project(read_settings(ROOT, elsewhere)).probes
    assert probes == MachineProbes(slack_url=elsewhere["SLACK_API_URL"], github_url=elsewhere["GITHUB_API_URL"])


def test_a_use_case_without_a_section_is_told() -> None:
    with pytest.raises(ParamsInvalid, match=r"no section use_cases\.absent"):
        Project(read_settings(ROOT, {})).section("absent")


def test_a_bot_goes_before_a_webhook_which_goes_before_the_terminal() -> None:
    hook = {"SLACK_WEBHOOK_URL": "https://hooks.example.org/services/secret"}
    bot = {"SLACK_BOT_TOKEN": "xoxb-secret", "SLACK_CHANNEL": "C1"}
    assert type(Project(read_settings(ROOT, hook)).notifier).__name__ == "WebhookNotifier"
    assert type(Project(read_settings(ROOT, hook | bot)).notifier).__name__ == "SlackNotifier"


def test_a_webhook_s_address_is_not_shown() -> None:
    settings = read_settings(ROOT, {"SLACK_WEBHOOK_URL": "https://hooks.example.org/services/hush-hush"})
    assert "hush-hush" not in repr(settings) + repr(Project(settings).configured)
    with pytest.raises(ParamsInvalid, match="not an address of the web") as told:
        read_settings(ROOT, {"SLACK_WEBHOOK_URL": "hooks/secret"})
    assert "hooks/secret" not in str(told.value)


def test_looks_are_pushed_where_a_pushgateway_is_set_whose_address_is_not_shown() -> None:
    settings = read_settings(ROOT, {"SLIPWAY_PUSHGATEWAY": "https://me:hush-hush@gateway.example.org"})
    assert type(Project(settings).gauges).__name__ == "Pushgateway"
    assert "hush-hush" not in repr(settings) + repr(Project(settings).gauges)
    assert type(Project(read_settings(ROOT, {})).gauges).__name__ == "RecordingGauges"
    with pytest.raises(ParamsInvalid, match="not an address of the web") as told:
        read_settings(ROOT, {"SLIPWAY_PUSHGATEWAY": "me:hush-hush@gateway"})
    assert "hush-hush" not in str(told.value)


def test_people_whom_failures_call_are_ids() -> None:
    assert read_settings(ROOT, {"SLACK_MENTIONS": " U012AB, W1 ,S034CD,U012AB"}).slack_mentions == (
        "U012AB",
        "W1",
        "S034CD",
    )


@pytest.mark.parametrize("mention", ["@ana", "C012", "<!channel>", "u012ab", "U1> <!here"])
def test_a_mention_that_is_no_id_is_refused(mention: str) -> None:
    with pytest.raises(ParamsInvalid, match="SLACK_MENTIONS holds"):
        read_settings(ROOT, {"SLACK_MENTIONS": mention})


def test_a_version_s_page_is_on_the_tracking_server_without_its_password() -> None:
    server = read_settings(ROOT, {"MLFLOW_TRACKING_URI": "https://ana:secret@mlflow.example.org/team/"})
    assert server.version_url("churn", "3") == "https://mlflow.example.org/team/#/models/churn/versions/3"
    assert read_settings(ROOT, {}).version_url("churn", "3") == ""


def test_an_endpoint_s_address_is_made_from_what_the_environment_says() -> None:
    settings = read_settings(ROOT, {"SLIPWAY_ENDPOINT_URL": "https://models.example.org/{environment}/{use_case}"})
    assert settings.endpoint_url("churn", "staging") == "https://models.example.org/staging/churn"
    assert read_settings(ROOT, {}).endpoint_url("churn", "staging") == ""


@pytest.mark.parametrize("address", ["models.example.org", "https://ada:secret@models.example.org"])
def test_an_endpoint_s_address_that_cannot_be_shown_is_refused(address: str) -> None:
    with pytest.raises(ParamsInvalid, match="SLIPWAY_ENDPOINT_URL") as failure:
        read_settings(ROOT, {"SLIPWAY_ENDPOINT_URL": address})
    assert "ada:secret" not in str(failure.value)


def test_one_secret_s_lines_are_variables_for_sources_and_what_is_set_by_itself_comes_first() -> None:
    lines = "MARKET_KEY=a=b\n\n  OTHER_KEY=from the secret\n"
    settings = read_settings(ROOT, {"SLIPWAY_SOURCE_VARIABLES": lines, "OTHER_KEY": "by itself"})
    assert (settings.variables["MARKET_KEY"], settings.variables["OTHER_KEY"]) == ("a=b", "by itself")


def test_a_line_that_is_no_variable_is_told_by_its_number_alone() -> None:
    with pytest.raises(ParamsInvalid, match="line 2 of SLIPWAY_SOURCE_VARIABLES") as told:
        read_settings(ROOT, {"SLIPWAY_SOURCE_VARIABLES": "KEY=1\nhush-hush"})
    assert "hush-hush" not in str(told.value)
