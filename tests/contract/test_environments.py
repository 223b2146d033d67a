"""A real cluster's environments, seen as the account that may only deploy, and their twin keep the same promises."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from slipway.adapters.cluster_twin import InMemoryCluster
from slipway.adapters.environments_twin import InMemoryEnvironments
from slipway.adapters.kubectl_environments import KubectlEnvironments
from slipway.core.claim import Claim, Deed
from slipway.core.deployment import Deployment, Phase, Place
from slipway.core.errors import ClusterUnreachable, DeployRefused
from slipway.core.seen import Seen
from slipway.ports import Environments
from tests.support.clusters import Ground, ground

IMAGE = f"registry.example.org/acme/a-case@sha256:{'a' * 64}"
DEED = Deed(
    what="deploy", version=3, digest=f"sha256:{'a' * 64}", release="run 7", actor="Ädä", at="2026-11-21T10:00:00Z"
)
REAL = pytest.param("kubectl", marks=pytest.mark.cluster)


@dataclass(frozen=True)
class Setting:
    """A place of one's own, and a way to put something there."""

    environments: Environments
    place: Place
    put: Callable[[Deployment], None]


@pytest.fixture(scope="module")
def own_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("ground") / "project") as made:
        yield made


@pytest.fixture(params=[REAL, "twin"])
def setting(request: pytest.FixtureRequest) -> Iterator[Setting]:
    if request.param == "twin":
        cluster = InMemoryCluster({})
        place = Place(use_case="a_case", environment="staging")
        yield Setting(InMemoryEnvironments(cluster), place, cluster.apply)
        return
    made: Ground = request.getfixturevalue("own_ground")
    place = made.place(f"a_case_{uuid4().hex[:6]}")
    program = ("kubectl", "--kubeconfig", str(made.kubeconfig))
    yield Setting(KubectlEnvironments(made.root, program), place, made.cluster.apply)
    made.clear(place)


def claimed(holder: str, mark: str = "", **more: object) -> Claim:
    moment = "2026-11-21T10:00:00.000000Z"
    return Claim(holder=holder, seconds=15, taken_at=moment, renewed_at=moment, mark=mark).model_copy(update=more)


def test_nobody_is_at_work_where_nobody_ever_was(setting: Setting) -> None:
    assert setting.environments.claim(setting.place) == Claim()


def test_a_claim_is_read_as_it_was_written_deeds_and_all(setting: Setting) -> None:
    written = setting.environments.write(setting.place, claimed('Ada, on "a host"', deeds=(DEED,)))
    assert written is not None
    assert written.mark
    assert setting.environments.claim(setting.place) == written
    assert written == claimed('Ada, on "a host"', written.mark, deeds=(DEED,))


def test_whoever_read_before_another_wrote_writes_nothing(setting: Setting) -> None:
    first = setting.environments.write(setting.place, claimed("Ada"))
    assert first is not None
    assert setting.environments.write(setting.place, claimed("Ben")) is None
    second = setting.environments.write(setting.place, claimed("Ada", first.mark, deeds=(DEED,)))
    assert second is not None
    assert setting.environments.write(setting.place, claimed("Ben", first.mark)) is None
    assert setting.environments.claim(setting.place) == second


def test_of_many_that_write_at_once_one_succeeds(setting: Setting) -> None:
    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(lambda n: setting.environments.write(setting.place, claimed(f"{n}")), range(4)))
    [winner] = [claim for claim in written if claim is not None]
    assert setting.environments.claim(setting.place) == winner


def test_a_claim_that_was_given_back_names_nobody(setting: Setting) -> None:
    first = setting.environments.write(setting.place, claimed("Ada"))
    assert first is not None
    setting.environments.write(setting.place, claimed("", first.mark, deeds=(DEED,)))
    found = setting.environments.claim(setting.place)
    assert (found.holder, found.deeds) == ("", (DEED,))


def test_one_look_shows_what_is_there_of_each_use_case(setting: Setting) -> None:
    wanted = Deployment(
        place=setting.place,
        image=IMAGE,
        version=3,
        record_digest="d" * 64,
        commit="c" * 40,
        release="run 7",
        actor="ada",
        phase=Phase.ROLLING,
        replicas=1,
        at="2026-11-21T10:00:00.000000Z",
    )
    setting.put(wanted)
    claim = setting.environments.write(setting.place, claimed("Ada"))
    here, nowhere = setting.environments.look(setting.place.environment, [setting.place.use_case, "other_case"])
    assert here == Seen(place=setting.place, stable=wanted, healthy=here.healthy, claim=claim or Claim())
    assert nowhere == Seen(place=Place(use_case="other_case", environment=setting.place.environment))


@pytest.mark.parametrize("kind", ["no cluster", "twin"])
def test_without_a_cluster_every_wish_says_so(kind: str, tmp_path: Path) -> None:
    overlay = tmp_path / "deploy" / "overlays" / "staging" / "kustomization.yaml"
    overlay.parent.mkdir(parents=True)
    overlay.write_text("namespace: nowhere\n")
    nobody = ("kubectl", "--server=http://127.0.0.1:1", "--kubeconfig=/dev/null")
    absent: Environments = {
        "no cluster": KubectlEnvironments(tmp_path, nobody),
        "twin": InMemoryEnvironments(InMemoryCluster({}, reachable=False)),
    }[kind]
    place = Place(use_case="churn", environment="staging")
    for wish in (absent.claim, lambda p: absent.look(p.environment, ["churn"]), lambda p: absent.write(p, Claim())):
        with pytest.raises(ClusterUnreachable):
            wish(place)


@pytest.mark.cluster
def test_an_account_that_may_not_is_told_so(own_ground: Ground) -> None:
    environments = KubectlEnvironments(own_ground.root, ("kubectl", "--kubeconfig", str(own_ground.kubeconfig)))
    elsewhere = Place(use_case="churn", environment="staging")
    for wish in (environments.claim, lambda p: environments.look(p.environment, ["churn"])):
        with pytest.raises(DeployRefused):
            wish(elsewhere)
