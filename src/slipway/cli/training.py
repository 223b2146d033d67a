"""`slipway train NAME --on kubernetes`: the same run, in a pod."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
import typer

from slipway.core.errors import ClusterUnreachable
from slipway.wiring import Project, open_project

if TYPE_CHECKING:
    from slipway.core.job import Order
    from slipway.stages.train_in_cluster import Training

NAMESPACE = "slipway-training"


@dataclass(frozen=True)
class Wish:
    """What was typed."""

    name: str
    environment: str | None
    namespace: str | None
    image: str | None
    schedule: str | None
    again: bool
    show: bool


def train_in_kubernetes(wish: Wish) -> None:
    """Submit, schedule or print."""
    from slipway.stages.carry_out import carry_out
    from slipway.stages.train_in_cluster import schedule_in_cluster, train_in_cluster

    if wish.environment and wish.namespace:
        raise typer.BadParameter("give one of --env and --namespace")
    project = open_project()
    project.use_case(wish.name)
    training = _training(project, wish)
    cron = wish.schedule
    if wish.show:
        click.echo(_yaml(training.manifest if cron is None else training.scheduled(cron)), nl=False)
        return
    if project.settings.kubeconfig is None:
        raise ClusterUnreachable(
            "KUBECONFIG is not set, so there is no cluster to train in",
            cause="this shell or this workflow has no cluster",
            next_step=f"set KUBECONFIG; `slipway run {wish.name}` trains here",
        )
    paths = project.paths(wish.name)
    if cron is not None:
        carry_out("schedule", paths, project.notifier, lambda: schedule_in_cluster(training, cron))
        return
    carry_out("train", paths, project.notifier, lambda: train_in_cluster(training, again=wish.again))


def _training(project: Project, wish: Wish) -> "Training":
    from slipway.stages.train_in_cluster import Training

    return Training(
        root=project.settings.root,
        jobs=project.jobs,
        order=_order(project, wish),
        say=lambda line: click.echo(line, err=True),
    )


def _order(project: Project, wish: Wish) -> "Order":
    from slipway.cli.imaging import checkout
    from slipway.core.job import Order
    from slipway.stages.reachable import settings_of_a_pod
    from slipway.stages.train_image import image_of

    settings = project.settings
    given = project.section(wish.name).train_on
    return Order(
        use_case=wish.name,
        namespace=_namespace(project, wish),
        image=wish.image or image_of(checkout(project)).reference,
        commit=project.vcs.commit(),
        given=given,
        settings=settings_of_a_pod(settings.tracking_uri, settings.run_cache, settings.base),
        actor=settings.actor,
        release=settings.release or settings.run_id or "",
        refresh=wish.schedule is not None and given.git is None,
    )


def _namespace(project: Project, wish: Wish) -> str:
    if wish.environment is None:
        return wish.namespace or NAMESPACE
    from slipway.deploying.kustomization import OVERLAYS, namespace_of

    place = project.place(wish.name, wish.environment)
    file = project.settings.root / OVERLAYS / place.environment / "kustomization.yaml"
    return namespace_of(f"{OVERLAYS}/{place.environment}", file.read_text(encoding="utf-8"))


def _yaml(manifest: object) -> str:
    """As people write it: no references of YAML's own, and scripts as blocks."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)

    Dumper.add_representer(str, text)
    return yaml.dump(manifest, Dumper=Dumper, sort_keys=False, width=120)
