"""The manifest of a training: what is edited in deploy/training, with what an order asks for put in."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from slipway.core.errors import ParamsInvalid
from slipway.core.job import Order
from slipway.core.params import TrainOnParams
from slipway.core.value import canonical_json, sha256
from slipway.deploying.annotations import DOMAIN

Manifest = dict[str, Any]

FILE = "deploy/training/job.yaml"
SCHEDULE_FILE = "deploy/training/schedule.yaml"
JOB_LABEL = f"{DOMAIN}/job"
TRAIN = "train"
VOLUME = "workspace"


def job(base: Mapping[str, Any], order: Order) -> Manifest:
    """The Job of an order; orders for the same have the same name, whoever asks, and whenever.

    Raises:
        ParamsInvalid: ``base`` has no pod with a container "train" and a volume "workspace".
    """
    made = _filled(base, order)
    name = f"{order.instance}-train-{sha256(canonical_json(made))[:12]}"
    pod = made["spec"]["template"]
    made["metadata"] = _metadata(made, name, order)
    if order.release:
        for container in pod["spec"]["containers"]:
            container["env"].append({"name": "SLIPWAY_RELEASE", "value": order.release})
    pod["metadata"] = {**pod.get("metadata", {}), "labels": _labels(pod, order) | {JOB_LABEL: name}}
    return _ordered(made)


def schedule(base: Mapping[str, Any], cron_base: Mapping[str, Any], order: Order, cron: str) -> Manifest:
    """The CronJob that submits an order again and again.

    Args:
        cron: five fields, such as ``0 4 * * 1``; the server checks them.
    """
    single = _filled(base, order)
    single.pop("apiVersion")
    single.pop("kind")
    single["metadata"] = {"labels": _labels({}, order)}
    pod = single["spec"]["template"]
    pod["metadata"] = {**pod.get("metadata", {}), "labels": _labels(pod, order)}
    made = deepcopy(dict(cron_base))
    made["metadata"] = _metadata(made, f"{order.instance}-retrain", order)
    made["spec"] = {**made["spec"], "schedule": cron, "jobTemplate": single}
    return _ordered(made)


def pod_of(job_manifest: Mapping[str, Any]) -> Manifest:
    """The pod that a Job would make, to try what the cluster says of it."""
    template = deepcopy(job_manifest["spec"]["template"])
    metadata = {**template["metadata"], "name": f"{job_manifest['metadata']['name']}-try"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def _ordered(made: Manifest) -> Manifest:
    """In the order that people write manifests in."""
    first = ("apiVersion", "kind", "metadata")
    return {key: made[key] for key in first} | {key: value for key, value in made.items() if key not in first}


def _filled(base: Mapping[str, Any], order: Order) -> Manifest:
    made = deepcopy(dict(base))
    try:
        spec = made["spec"]
        pod = spec["template"]["spec"]
        containers = [*pod.get("initContainers", ()), *pod["containers"]]
        [train] = [each for each in pod["containers"] if each["name"] == TRAIN]
        [volume] = [each for each in pod["volumes"] if each["name"] == VOLUME]
    except (KeyError, TypeError, ValueError) as error:
        raise ParamsInvalid(
            f"{FILE} has no Job with one container {TRAIN!r} and one volume {VOLUME!r}",
            cause="an edit took it out",
            next_step=f"bring it back: `git diff {FILE}` shows what was changed",
        ) from error
    given = order.given
    for container in containers:
        container["image"] = order.image
        container["env"] = [*container.get("env", ()), *_env(order)]
        container["resources"] = _resources(given)
        if given.secrets or given.config_maps:
            container["envFrom"] = [*container.get("envFrom", ()), *_env_from(given)]
    if given.gpus:
        train["resources"]["limits"][given.gpu_resource] = str(given.gpus)
    volume["emptyDir"] = {"sizeLimit": given.disk}
    _place(pod, given)
    _limit(spec, given)
    return made


def _place(pod: Manifest, given: TrainOnParams) -> None:
    if given.node_selector:
        pod["nodeSelector"] = {**pod.get("nodeSelector", {}), **given.node_selector}
    if given.tolerations:
        tolerations = [each.model_dump(exclude_none=True) for each in given.tolerations]
        pod["tolerations"] = [*pod.get("tolerations", ()), *tolerations]


def _limit(spec: Manifest, given: TrainOnParams) -> None:
    spec["activeDeadlineSeconds"] = given.deadline_minutes * 60
    spec["backoffLimit"] = given.retries
    spec["ttlSecondsAfterFinished"] = given.keep_hours * 3600


def _resources(given: TrainOnParams) -> Manifest:
    return {
        "requests": {"cpu": given.cpu, "memory": given.memory, "ephemeral-storage": given.disk},
        "limits": {"memory": given.memory},
    }


def _env(order: Order) -> list[dict[str, str]]:
    values = {"TRAIN_USE_CASE": order.use_case, **order.settings}
    if order.given.git is not None:
        values |= {"TRAIN_GIT_URL": order.given.git.url, "TRAIN_GIT_REFERENCE": order.given.git.reference}
    if order.refresh:
        values["TRAIN_REFRESH"] = "1"
    return [{"name": name, "value": value} for name, value in sorted(values.items())]


def _env_from(given: TrainOnParams) -> list[Manifest]:
    secrets = [{"secretRef": {"name": name}} for name in given.secrets]
    return secrets + [{"configMapRef": {"name": name}} for name in given.config_maps]


def _metadata(made: Mapping[str, Any], name: str, order: Order) -> Manifest:
    before = made.get("metadata", {})
    told = {"commit": order.commit, "actor": order.actor, "release": order.release}
    noted = {f"{DOMAIN}/{key}": value for key, value in told.items()}
    return {
        **before,
        "name": name,
        "labels": _labels(made, order) | {JOB_LABEL: name},
        "annotations": {**before.get("annotations", {}), **noted},
    }


def _labels(made: Mapping[str, Any], order: Order) -> dict[str, str]:
    before = dict(made.get("metadata", {}).get("labels", {}))
    return before | {
        "app.kubernetes.io/name": "training",
        "app.kubernetes.io/instance": order.instance,
        "app.kubernetes.io/part-of": "slipway",
    }
