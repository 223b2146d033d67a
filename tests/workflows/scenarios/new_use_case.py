"""A pull request that adds a use case from a table: the same workflow files train, gate, try and report on it."""

import random
from pathlib import Path

from tests.workflows.rehearsal.scene import Scene
from tests.workflows.scenarios._jobs import ci

NEEDS = ("engine",)


def play(scene: Scene) -> None:
    table = scene.folder / "parcels.csv"
    _write(table)

    def add(_: Path) -> None:
        scene.slipway("new", "parcels", "--task", "classification", "--data", str(table), "--target", "late",
                      "--key", "parcel", "--positive", "yes")  # fmt: skip

    scene.repository.commit("parcels", add, message="Parcels that come late")
    run = scene.pull_request(7, "parcels", title="Parcels that come late")
    scene.expect_jobs(run, ci("parcels"))
    scene.check("parcels" in scene.posted(run, 7), "the comment does not name the use case")


def _write(path: Path) -> None:
    """A thousand parcels; weight and distance make them late."""
    dice = random.Random(7)
    lines = ["parcel,weight_kg,distance_km,carrier,express,late"]
    for number in range(1000):
        weight, distance = round(dice.uniform(0.1, 30), 2), dice.randint(1, 900)
        carrier, express = dice.choice(["north", "south", "sea"]), dice.choice(["yes", "no"])
        odds = weight / 30 + distance / 900 + (carrier == "sea") - (express == "yes") + dice.gauss(0, 0.3)
        lines.append(f"P{number},{weight},{distance},{carrier},{express},{'yes' if odds > 1.1 else 'no'}")
    path.write_text("\n".join(lines) + "\n")
