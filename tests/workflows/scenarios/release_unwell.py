"""A merge while MLflow fails, then is silent, then while Slack is away: it stops, tells somebody, and goes on."""

from tests.support.slack_server import BROKEN, HANG, THROUGH, slow_down
from tests.workflows.rehearsal.doors import Door, door
from tests.workflows.rehearsal.expectations import FAILURE
from tests.workflows.rehearsal.scene import PERSON, Run, Scene
from tests.workflows.scenarios._changes import better_model
from tests.workflows.scenarios._jobs import release
from tests.workflows.scenarios._released import hold_to_release

NEEDS = ("engine", "registry")
CHAMPION = True
_VERSION = "POST /api/2.0/mlflow/model-versions/create"
_LATER = ("image", "staging", "production")


def play(scene: Scene) -> None:
    with door(scene.tracking.uri.removeprefix("http://")) as mlflow:
        scene.variables["MLFLOW_TRACKING_URI"] = f"http://{mlflow.address}"
        scene.environment |= {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "3"}
        scene.repository.commit("slower", better_model, message="Learn slower, for longer")
        mlflow.spoil(_VERSION, 500)
        run = scene.merge("slower")
        _hold_to_a_stop(scene, run, mlflow)
        mlflow.spoil(_VERSION, None)
        _hold_to_a_stop(scene, scene.again(run), mlflow)
        mlflow.heal()
        scene.slack.script(HANG, BROKEN, slow_down("1"), slow_down("3600"))
        again = scene.again(scene.runs[-1])
        scene.expect_jobs(again, release("churn"))
        scene.slack.script(THROUGH)
        hold_to_release(scene, again, version=2)


def _hold_to_a_stop(scene: Scene, run: Run, mlflow: Door) -> None:
    # act ends a reusable workflow where a job of it fails; on GitHub the later ones would be listed as skipped
    expected = release("churn", register=FAILURE)
    scene.expect_jobs(run, {name: end for name, end in expected.items() if name.rpartition(" ")[2] not in _LATER})
    scene.check(mlflow.times_spoiled, "MLflow was not asked for a version")
    scene.check(list(scene.tracking.versions("churn")) == [1], "a version was made")
    told = [reply["text"] for reply in scene.thread()[0]["replies"]]
    scene.check(any(PERSON in text for text in told), f"nobody was told of the failure: {told}")
