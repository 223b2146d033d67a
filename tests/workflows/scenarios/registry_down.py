"""A merge while the registry of images is down: it stops there and tells; run again, it goes on and repeats nothing."""

from tests.workflows.rehearsal.doors import door
from tests.workflows.rehearsal.expectations import FAILURE
from tests.workflows.rehearsal.scene import PERSON, REGISTRY, Scene
from tests.workflows.scenarios._changes import better_model
from tests.workflows.scenarios._jobs import release
from tests.workflows.scenarios._released import hold_to_release

NEEDS = ("engine", "registry")
CHAMPION = True


def play(scene: Scene) -> None:
    with door(REGISTRY) as registry:
        scene.use_registry(registry.address)
        scene.repository.commit("slower", better_model, message="Learn slower, for longer")
        registry.close()
        run = scene.merge("slower")
        # act ends a reusable workflow where a job of it fails; on GitHub the two would be listed as skipped
        expected = release("churn", image=FAILURE)
        scene.expect_jobs(
            run,
            {name: end for name, end in expected.items() if name.rpartition(" ")[2] not in {"staging", "production"}},
        )
        scene.check(scene.tracking.alias("churn", "champion") == 2, "what was registered is not champion")
        told = [reply["text"] for reply in scene.thread()[0]["replies"]]
        scene.check(any(PERSON in text for text in told), f"nobody was told of the failure: {told}")
        registry.open()
        again = scene.again(run)
        scene.expect_jobs(again, release("churn"))
        hold_to_release(scene, again, version=2)
