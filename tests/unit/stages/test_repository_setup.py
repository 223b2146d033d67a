import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.adapters.github_twin import SettingsInMemory
from slipway.core.errors import GitHubRefused
from slipway.stages.repository_setup import NAMES, Finding, Kind, State, examine_repository, repository_of, unasked

PROJECT = Path(__file__).parents[3]
SECRETS = frozenset(named.name for named in NAMES if named.kind is Kind.SECRET)
VARIABLES = frozenset(named.name for named in NAMES if named.kind is Kind.VARIABLE)
COMPLETE = SettingsInMemory(
    secret_names=SECRETS,
    environment_secrets=dict.fromkeys(("staging", "production"), frozenset({"KUBECONFIG", "SLIPWAY_API_KEY"})),
    variable_names=VARIABLES,
    opens_pull_requests=True,
    approvals={"staging": False, "production": True},
    checks=frozenset({"all-green"}),
)
BLIND = SettingsInMemory(None, None, None, None, None, None)


def found(settings: SettingsInMemory = COMPLETE) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine_repository(settings, patience=5.0)}


def test_every_name_that_is_asked_for_is_read_by_a_workflow() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (PROJECT / ".github" / "workflows").glob("*.yml")]
    read = {name for text in texts for name in re.findall(r"\b(?:secrets|vars)\.(\w+)", text)}
    assert {named.name for named in NAMES} <= read


def test_a_complete_repository_is_in_order() -> None:
    assert {finding.state for finding in found().values()} == {State.SET}


def test_a_bare_repository_is_told_what_is_skipped_and_what_to_do() -> None:
    findings = found(SettingsInMemory()).values()
    assert {finding.state for finding in findings} == {State.MISSING}
    assert all(finding.without and finding.how for finding in findings)


def test_what_the_token_cannot_see_is_unknown_with_the_permission_it_needs() -> None:
    findings = found(BLIND).values()
    assert {finding.state for finding in findings} == {State.UNKNOWN}
    assert all(": read" in finding.how for finding in findings)


def test_one_thing_that_cannot_be_seen_does_not_hide_the_others() -> None:
    findings = found(replace(COMPLETE, secret_names=None))
    assert findings["SLACK_BOT_TOKEN"].state is State.UNKNOWN
    assert findings["SLACK_CHANNEL"].state is State.SET


def test_a_webhook_does_instead_of_a_bot() -> None:
    findings = found(replace(COMPLETE, secret_names=SECRETS - {"SLACK_BOT_TOKEN"}))
    assert (findings["SLACK_BOT_TOKEN"].state, findings["SLACK_BOT_TOKEN"].found) == (
        State.OTHERWISE,
        "SLACK_WEBHOOK_URL is set instead",
    )


def test_a_role_does_instead_of_stored_keys() -> None:
    findings = found(replace(COMPLETE, secret_names=frozenset()))
    assert findings["DATA_ACCESS_KEY_ID"].state is State.OTHERWISE


def test_each_environment_has_a_cluster_of_its_own() -> None:
    findings = found(replace(COMPLETE, environment_secrets={"staging": frozenset({"KUBECONFIG"})}))
    assert findings["KUBECONFIG (staging)"].state is State.SET
    assert findings["KUBECONFIG (production)"].state is State.MISSING


def test_production_without_reviewers_is_not_in_order() -> None:
    production = found(replace(COMPLETE, approvals={"staging": False, "production": False}))["production"]
    assert (production.state, production.found) == (State.MISSING, "without required reviewers")


def test_an_environment_that_is_not_there_is_missing() -> None:
    assert found(replace(COMPLETE, approvals={"production": True}))["staging"].found == "not there"


def test_a_branch_that_requires_another_check_is_not_in_order() -> None:
    check = found(replace(COMPLETE, checks=frozenset({"checks"})))["all-green"]
    assert (check.state, check.found) == (State.MISSING, "required: checks")


class Stuck(SettingsInMemory):
    """Never says which secrets there are."""

    released = threading.Event()

    def secrets(self, environment: str | None = None) -> frozenset[str]:
        self.released.wait(60)
        return frozenset()


def test_a_question_that_is_never_answered_does_not_hold_up_the_others() -> None:
    findings = {f.name: f for f in examine_repository(Stuck(variable_names=VARIABLES), patience=0.3)}
    Stuck.released.set()
    assert (findings["DOCKERHUB_TOKEN"].state, findings["DOCKERHUB_TOKEN"].found) == (
        State.UNKNOWN,
        "no answer in time",
    )
    assert findings["SLACK_CHANNEL"].state is State.SET


class Broken(SettingsInMemory):
    def variables(self) -> frozenset[str]:
        raise RuntimeError("token ghs_secret")


def test_a_question_that_fails_unexpectedly_is_unknown_without_its_words() -> None:
    findings = {f.name: f for f in examine_repository(Broken(), patience=5)}
    assert findings["SLACK_CHANNEL"].found == "could not be examined: RuntimeError"


@pytest.mark.parametrize(
    ("remote", "repository"),
    [
        ("https://github.com/acme/models.git", "acme/models"),
        ("https://***@github.com/acme/models", "acme/models"),
        ("git@github.com:acme/models.git", "acme/models"),
        ("ssh://git@github.example.com/acme/my.models/", "acme/my.models"),
        ("models", None),
        ("", None),
    ],
)
def test_a_remote_s_address_names_the_repository(remote: str, repository: str | None) -> None:
    assert repository_of(remote) == repository


def test_without_a_token_or_a_repository_the_next_step_is_told() -> None:
    assert isinstance(unasked(None, "acme/models"), GitHubRefused)
    assert "GITHUB_REPOSITORY" in str(unasked("token", None))
    assert unasked("token", "acme/models") is None


def test_all_that_workflows_read_is_examined_and_is_in_the_guide() -> None:
    files = [*PROJECT.glob(".github/workflows/*.yml"), *PROJECT.glob(".github/actions/*/action.yml")]
    read = "\n".join(path.read_text(encoding="utf-8") for path in files)
    used = set(re.findall(r"\b(?:secrets|vars)\.([A-Z][A-Z_0-9]+)", read)) - {"GITHUB_TOKEN"}
    assert used
    assert used <= {named.name for named in NAMES}
    guide = (PROJECT / "docs" / "setup.md").read_text(encoding="utf-8")
    assert [named.name for named in NAMES if f"`{named.name}`" not in guide] == []


def test_what_is_read_as_a_secret_is_looked_for_among_the_secrets() -> None:
    files = [*PROJECT.glob(".github/workflows/*.yml")]
    read = "\n".join(path.read_text(encoding="utf-8") for path in files)
    for named in NAMES:
        assert ("vars" if named.kind is not Kind.VARIABLE else "secrets") + f".{named.name}" not in re.findall(
            r"\b(?:secrets|vars)\.[A-Z][A-Z_0-9]+", read
        )
