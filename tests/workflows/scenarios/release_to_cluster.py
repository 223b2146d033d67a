"""Releases through staging and production of a real cluster, as the account that may only deploy; then back again."""

from tests.workflows.rehearsal.cluster import environments
from tests.workflows.rehearsal.expectations import SUCCESS
from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._changes import params
from tests.workflows.scenarios._jobs import release, train
from tests.workflows.scenarios._released import hold_to_serving

NEEDS = ("engine", "registry", "cluster")
CHAMPION = True


def play(scene: Scene) -> None:
    scene.variables["SLIPWAY_ENDPOINT_URL"] = "https://models.example.org/{environment}/{use_case}"
    with environments(scene) as cluster:
        scene.expect_jobs(scene.dispatch("train.yml", use_case="churn", reason="The cluster is new"), train("churn"))
        first = hold_to_serving(scene, cluster.deployed("staging"), version=1)
        scene.check(cluster.deployed("production").digest == first, "staging and production serve different images")

        slower = params(n_estimators="300", learning_rate="0.03", seconds="20")
        scene.repository.commit("slower", slower, message="Learn slower, for longer")
        run = scene.merge("slower")
        scene.expect_jobs(run, release("churn"))
        champion = scene.tracking.alias("churn", "champion") or 0
        scene.check(champion > 1, "the release has not become champion")
        second = hold_to_serving(scene, cluster.deployed("staging"), version=champion)
        scene.check(cluster.deployed("production").digest == second, "staging and production serve different images")
        scene.check(second != first, "the release did not change what serves")
        scene.check("its canary passed" in str(scene.thread()[-1]["replies"]), "production had no canary")
        told = scene.thread()[-1]
        scene.check(
            "https://models.example.org/production/churn" in str(told["blocks"]), f"no endpoint is told: {told}"
        )

        back = scene.dispatch("rollback.yml", use_case="churn", environment="production", version="")
        scene.expect_jobs(back, {"rollback": SUCCESS})
        scene.check(hold_to_serving(scene, cluster.deployed("production"), version=1) == first, "another image serves")
        scene.check(cluster.deployed("staging").digest == second, "staging went back as well")
        scene.check(scene.tracking.alias("churn", "champion") == 1, "the champion before is not champion again")
