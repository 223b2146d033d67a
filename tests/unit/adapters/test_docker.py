"""What we make of what Docker says, told by a stand-in for its command."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from slipway.adapters.docker import DockerImages
from slipway.core.errors import EngineUnreachable, ImageNotBuilt, ImageNotPushed

DIGEST = "sha256:" + "d" * 64
FALTERING = "received unexpected HTTP status: 503 Service Unavailable"
PUSHED = f"v1: digest: {DIGEST} size: 1234"

Stand = Callable[..., DockerImages]


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    """A command that answers each call with the next (exit code, words), the last one for ever; it notes its calls."""

    def make(*answers: tuple[int, str]) -> DockerImages:
        script = tmp_path / "docker.py"
        script.write_text(
            "import pathlib, sys\n"
            f"calls, answers = pathlib.Path({str(tmp_path / 'calls')!r}), {answers!r}\n"
            "before = len(calls.read_text().splitlines()) if calls.exists() else 0\n"
            "calls.open('a').write(' '.join(sys.argv[1:]) + '\\n')\n"
            "code, words = answers[min(before, len(answers) - 1)]\n"
            "sys.stderr.write(words) if code else sys.stdout.write(words)\n"
            "sys.exit(code)\n"
        )
        return DockerImages(program=(sys.executable, str(script)), pauses=(0.0, 0.0, 0.0), patience=0.5)

    return make


def calls(tmp_path: Path) -> list[str]:
    return (tmp_path / "calls").read_text().splitlines()


def quiet(_: str) -> None:
    pass


def test_a_registry_that_falters_is_asked_again(stand: Stand) -> None:
    told: list[str] = []
    images = stand((1, FALTERING), (1, "net/http: TLS handshake timeout"), (0, PUSHED))
    assert images.push("acme/churn:v1", told.append) == DIGEST
    assert len(told) == 2


def test_a_registry_that_never_recovers_is_given_up(stand: Stand, tmp_path: Path) -> None:
    with pytest.raises(ImageNotPushed, match="503 Service Unavailable"):
        stand((1, FALTERING)).push("acme/churn:v1", quiet)
    assert calls(tmp_path) == ["push acme/churn:v1"] * 4


def test_a_refused_push_is_not_repeated_and_names_whom_to_log_in_to(stand: Stand, tmp_path: Path) -> None:
    with pytest.raises(ImageNotPushed) as refused:
        stand((1, "denied: requested access to the resource is denied")).push("ghcr.io/acme/churn:v1", quiet)
    assert "docker login ghcr.io" in refused.value.next_step
    assert len(calls(tmp_path)) == 1


def test_no_secret_of_an_address_is_shown(stand: Stand) -> None:
    words = "Head https://bob:hunter2@registry.example.org/v2/x?token=s3cret&a=b: no such host"
    with pytest.raises(ImageNotPushed) as refused:
        stand((1, words)).push("registry.example.org/churn:v1", quiet)
    assert "registry.example.org/v2/x" in str(refused.value)
    assert not [secret for secret in ("bob", "hunter2", "s3cret") if secret in str(refused.value)]


def test_a_failed_build_shows_the_engine_s_last_lines_and_no_more(stand: Stand, tmp_path: Path) -> None:
    words = "\n".join(f"line {number}" for number in range(100))
    with pytest.raises(ImageNotBuilt, match="line 99") as failed:
        stand((1, words)).build(tmp_path, tags=["a:b"], arguments={}, say=quiet)
    assert "line 80" not in str(failed.value)


def test_an_image_without_a_digest_is_built_on_by_its_name(stand: Stand) -> None:
    base = stand((0, '{"RepoDigests": []}')).base("python:3.11-slim", quiet)
    assert (base.digest, base.reference) == ("", "python:3.11-slim")


def test_the_digest_of_the_very_repository_is_preferred(stand: Stand) -> None:
    mirrored = f'{{"RepoDigests": ["mirror.example.org/python@{DIGEST}", "python@{DIGEST}"]}}'
    assert stand((0, mirrored)).base("python:3.11-slim", quiet).reference == f"python@{DIGEST}"


def test_an_engine_that_goes_away_while_it_builds_is_told_as_that(stand: Stand, tmp_path: Path) -> None:
    words = "ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
    with pytest.raises(EngineUnreachable):
        stand((1, words)).build(tmp_path, tags=["a:b"], arguments={}, say=quiet)
