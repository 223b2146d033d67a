from pathlib import Path

import pytest

from serving.settings import KeysMissing, read_settings


def test_an_option_may_come_from_the_environment_and_the_argument_counts_more() -> None:
    environment = {"SLIPWAY_MAX_ROWS": "5", "SLIPWAY_PORT": "1234"}
    settings = read_settings(["b", "--port", "99"], environment)
    assert (settings.limits.rows, settings.port) == (5, 99)


def test_an_empty_variable_counts_as_none() -> None:
    settings = read_settings(["b"], {"SLIPWAY_PORT": "", "SLIPWAY_BUNDLE_DIGEST": ""})
    assert (settings.port, settings.bundle_digest) == (8080, None)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.9.9.9"])
def test_this_machine_alone_needs_no_keys(host: str) -> None:
    assert read_settings(["b", "--host", host], {}).keys is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])  # noqa: S104
def test_others_need_keys_unless_told_otherwise(host: str) -> None:
    with pytest.raises(KeysMissing, match="--keys FILE"):
        read_settings(["b", "--host", host], {})
    assert read_settings(["b", "--host", host, "--keys", "k"], {}).keys == Path("k")
    for open_to_all in ({"SLIPWAY_OPEN": "true"}, {"SLIPWAY_OPEN": "true", "SLIPWAY_KEYS": "k"}):
        assert read_settings(["b", "--host", host], open_to_all).keys is None


@pytest.mark.parametrize(
    "options",
    [
        ["--port", "70000"], ["--port", "http"], ["--workers", "0"], ["--timeout", "0"], ["--timeout", "nan"],
        ["--rate", "-1"], ["--max-rows", "0"], ["--concurrency", "x"], ["--unheard-of"],
    ],
)  # fmt: skip
def test_an_impossible_option_is_a_usage_error(options: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_settings(["b", *options], {})
    assert ended.value.code == 2


def test_an_impossible_variable_is_a_usage_error() -> None:
    with pytest.raises(SystemExit) as ended:
        read_settings(["b"], {"SLIPWAY_WORKERS": "many"})
    assert ended.value.code == 2
