"""What the environment says, read once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from slipway.core.errors import ParamsInvalid

SLACK_URL = "https://slack.com/api/"
GITHUB_URL = "https://api.github.com"
GITHUB_PAGES = "https://github.com"
RUNNER_PRICE = 0.006
BASE_IMAGE = "python:3.11-slim"
LOCAL_STORE = "sqlite:///{root}/.slipway/mlflow.db"


@dataclass(frozen=True)
class Settings:
    """How this project reaches the outside.

    Attributes:
        tracking_uri: of MLflow; by default a SQLite file below ``.slipway/``.
        base: the Git reference that candidates are compared with.
        slack_url: of Slack's Web API; another one for a proxy.
        slack_webhook: an incoming webhook's address, for messages without threads; whoever knows it can post.
        slack_mentions: ids of Slack's users (U, W) and user groups (S) that failures call.
        github_url: of GitHub's REST API; another one for GitHub Enterprise.
        github_repository: ``owner/name``.
        github_server: where people look at it.
        in_actions: whether a workflow's step runs us.
        run_id, run_attempt: of the workflow's run.
        image_repository: below which images are tagged and pushed, such as ``docker.io/acme``.
        base_image: what images of the endpoint are built on.
        run_cache: a folder, or the address of a DVC remote, that stages' outputs are shared through.
        api_key: one that deployed endpoints know; `slipway deploy` asks them with it.
        endpoint: where a deployed endpoint is reached from outside, an address with ``{use_case}`` and
            ``{environment}``.
        prediction_log: where endpoints log, a folder or ``s3://bucket/prefix``, with ``{use_case}``.
        release: identity of a release; all that is told of it belongs together.
        actor: who started this, as far as anybody says.
        runner_price: USD a minute of a runner.
        variables: all that is set, for what a use case's own source asks for by name.
    """

    root: Path
    tracking_uri: str
    base: str
    slack_token: str | None = field(default=None, repr=False)
    slack_channel: str | None = None
    slack_url: str = SLACK_URL
    slack_webhook: str | None = field(default=None, repr=False)
    slack_mentions: tuple[str, ...] = ()
    github_token: str | None = field(default=None, repr=False)
    github_url: str = GITHUB_URL
    github_repository: str | None = None
    github_server: str = GITHUB_PAGES
    in_actions: bool = False
    run_id: str | None = None
    run_attempt: str | None = None
    docker_host: str | None = None
    image_repository: str | None = None
    base_image: str = BASE_IMAGE
    kubeconfig: str | None = None
    run_cache: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    endpoint: str = ""
    prediction_log: str = ""
    release: str | None = None
    actor: str = "unknown"
    runner_price: float = RUNNER_PRICE
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def stores_locally(self) -> bool:
        return self.tracking_uri == LOCAL_STORE.format(root=self.root)

    def run_url(self, run_id: str | None = None) -> str:
        """The page of a workflow's run, by default of the one that we run in; "" where there is none."""
        run = run_id or self.run_id
        if not (run and self.github_repository):
            return ""
        return f"{self.github_server}/{self.github_repository}/actions/runs/{run}"

    def endpoint_url(self, use_case: str, environment: str) -> str:
        """Where an endpoint is reached from outside; "" where nobody said."""
        return self.endpoint.replace("{use_case}", quote(use_case)).replace("{environment}", quote(environment))

    def log_address(self, use_case: str) -> str:
        """Where a use case's endpoints log; "" where nobody said."""
        return self.prediction_log.replace("{use_case}", use_case)

    def version_url(self, use_case: str, number: str) -> str:
        """The page of a registered version in MLflow; "" where its store is no server. A password is left out."""
        address = urlsplit(self.tracking_uri)
        if address.scheme not in {"http", "https"}:
            return ""
        host = address.netloc.rpartition("@")[2]
        path = address.path.rstrip("/")
        return f"{address.scheme}://{host}{path}/#/models/{quote(use_case)}/versions/{number}"


def read_settings(start: Path, environment: Mapping[str, str]) -> Settings:
    """Find the project around ``start`` and read the environment.

    Raises:
        ParamsInvalid: no folder from ``start`` upwards holds params.yaml and dvc.yaml.
    """
    root = _root(start)
    return Settings(
        root=root,
        tracking_uri=environment.get("MLFLOW_TRACKING_URI") or LOCAL_STORE.format(root=root),
        base=environment.get("SLIPWAY_BASE") or "main",
        slack_token=environment.get("SLACK_BOT_TOKEN") or None,
        slack_channel=environment.get("SLACK_CHANNEL") or None,
        slack_url=environment.get("SLACK_API_URL") or SLACK_URL,
        slack_webhook=_webhook(environment.get("SLACK_WEBHOOK_URL")),
        slack_mentions=_mentions(environment.get("SLACK_MENTIONS")),
        github_token=environment.get("GITHUB_TOKEN") or None,
        github_url=environment.get("GITHUB_API_URL") or GITHUB_URL,
        github_repository=environment.get("GITHUB_REPOSITORY") or None,
        github_server=(environment.get("GITHUB_SERVER_URL") or GITHUB_PAGES).rstrip("/"),
        in_actions=environment.get("GITHUB_ACTIONS") == "true",
        run_id=environment.get("GITHUB_RUN_ID") or None,
        run_attempt=environment.get("GITHUB_RUN_ATTEMPT") or None,
        docker_host=environment.get("DOCKER_HOST") or None,
        image_repository=environment.get("SLIPWAY_IMAGE_REPOSITORY") or None,
        base_image=environment.get("SLIPWAY_BASE_IMAGE") or BASE_IMAGE,
        kubeconfig=environment.get("KUBECONFIG") or None,
        run_cache=environment.get("SLIPWAY_RUN_CACHE") or None,
        api_key=environment.get("SLIPWAY_API_KEY") or None,
        endpoint=_endpoint(environment.get("SLIPWAY_ENDPOINT_URL")),
        prediction_log=(environment.get("SLIPWAY_PREDICTION_LOG") or "").strip(),
        release=environment.get("SLIPWAY_RELEASE") or None,
        actor=environment.get("GITHUB_ACTOR") or environment.get("USER") or "unknown",
        runner_price=_price(environment.get("SLIPWAY_RUNNER_PRICE") or str(RUNNER_PRICE)),
        variables=dict(environment),
    )


def _mentions(text: str | None) -> tuple[str, ...]:
    ids = [part.strip() for part in (text or "").split(",") if part.strip()]
    for member in ids:
        if re.fullmatch(r"[UWS][A-Z0-9]{1,30}", member) is None:
            raise ParamsInvalid(
                f"SLACK_MENTIONS holds {member[:40]!r}, which is no id of Slack's",
                cause="a name or an address was given; ids look like U012ABCDEF (people) and S012ABCDEF (groups)",
                next_step="copy the member's or the group's id from its profile in Slack, with commas between several",
            )
    return tuple(dict.fromkeys(ids))


def _webhook(text: str | None) -> str | None:
    address = (text or "").strip()
    if address and re.fullmatch(r"https?://[!-~]+", address) is None:
        raise ParamsInvalid(
            "SLACK_WEBHOOK_URL is not an address of the web (it is a secret, so it is not repeated here)",
            cause="something else was pasted, or only a part of it",
            next_step="copy the webhook's address from the app's page, Incoming Webhooks",
        )
    return address or None


def _endpoint(text: str | None) -> str:
    address = (text or "").strip()
    if address and (re.fullmatch(r"https?://[!-~]+", address) is None or urlsplit(address).password):
        raise ParamsInvalid(
            "SLIPWAY_ENDPOINT_URL is not an address that people can be shown",
            cause="it does not begin with https:// or http://, or it holds a password",
            next_step="set it to an address such as https://models.example.org/{environment}/{use_case}, or to nothing",
        )
    return address


def _price(text: str) -> float:
    try:
        price = float(text)
    except ValueError:
        price = -1.0
    if 0 <= price <= 1_000:
        return price
    raise ParamsInvalid(
        f"SLIPWAY_RUNNER_PRICE is {text[:40]!r}, which is no price",
        cause="a currency sign, or a comma where a point belongs",
        next_step="set it to the US dollars that a minute of a runner costs, such as 0.006, or to nothing",
    )


def _root(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / "params.yaml").is_file() and (folder / "dvc.yaml").is_file():
            return folder
    raise ParamsInvalid(
        f"no params.yaml and dvc.yaml in {start} or above",
        cause="the command runs outside the project's folder",
        next_step="change to the folder of your clone and run the same command again",
    )
