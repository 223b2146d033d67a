"""The account that deploys may deploy, and nothing else; what is deployed fits the strictest profile of pods."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway.core.deployment import Deployment, Phase, Place
from tests.support.clusters import Ground, ground, kubectl

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module", params=["staging", "production"])
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("ground") / "project", like=request.param) as made:
        yield made


def as_deployer(prepared: Ground, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return kubectl("--kubeconfig", str(prepared.kubeconfig), *arguments, stdin=stdin, check=False)


def manifests(prepared: Ground) -> str:
    return prepared.cluster.render(
        Deployment(
            place=Place(use_case="a_case", environment=prepared.environment),
            image=f"registry.example.org/acme/a_case@sha256:{'a' * 64}",
            version=3,
            record_digest="d" * 64,
            commit="unknown",
            release="run 7",
            actor="ada",
            phase=Phase.ROLLING,
        )
    )


@pytest.mark.parametrize(
    "words",
    [
        ("get", "secrets"),
        ("get", "secret", "a-case-keys"),
        ("delete", "service", "a-case-endpoint"),
        ("delete", "pod", "any"),
        ("exec", "any", "--", "id"),
        ("create", "configmap", "any"),
        ("create", "token", "slipway-deployer"),
        ("get", "roles"),
        ("delete", "lease", "a-case-endpoint"),
    ],
    ids=" ".join,
)
def test_it_is_refused_what_no_deployment_needs(prepared: Ground, words: tuple[str, ...]) -> None:
    prepared.place("a_case")
    done = as_deployer(prepared, *words, "--namespace", prepared.namespace)
    assert "forbidden" in done.stderr.lower(), done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("get", "pods", "--namespace", "default"),
        ("get", "deployments", "--namespace", "kube-system"),
        ("get", "secrets", "--all-namespaces"),
        ("get", "nodes"),
        ("create", "namespace", "another"),
    ],
    ids=" ".join,
)
def test_it_sees_and_touches_no_other_namespace(prepared: Ground, words: tuple[str, ...]) -> None:
    assert "forbidden" in as_deployer(prepared, *words).stderr.lower()


def test_the_server_takes_every_manifest_without_a_warning(prepared: Ground) -> None:
    words = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename=-")
    done = as_deployer(prepared, *words, "--namespace", prepared.namespace, stdin=manifests(prepared))
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    assert done.stdout.count("serverside-applied") == 5


def test_a_pod_with_fewer_bounds_is_refused_in_its_namespace(prepared: Ground) -> None:
    words = ("run", "any", "--image=registry.example.org/any", "--namespace", prepared.namespace)
    assert 'violates PodSecurity "restricted' in kubectl(*words, check=False).stderr


def test_what_is_rendered_stays_to_be_looked_at(prepared: Ground) -> None:
    manifests(prepared)
    kept = prepared.root / ".slipway" / "a_case" / "deploy" / prepared.environment / "kustomization.yaml"
    assert Path(kept).is_file()
