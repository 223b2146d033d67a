"""The dashboard of all use cases is made and published every day, as soon as the repository has a page."""

import json

from tests.workflows.rehearsal.expectations import SKIPPED, SUCCESS
from tests.workflows.rehearsal.scene import Run, Scene
from tests.workflows.scenarios._traffic import all_use_cases

CHAMPION = True
DAILY = "23 7 * * *"


def play(scene: Scene) -> None:
    run = scene.scheduled("pages.yml", DAILY)
    scene.expect_jobs(run, {"site": SUCCESS, "publish": SKIPPED})
    scene.check("Pages is not switched on" in run.job("site").output, "it was not said why nothing is published")
    scene.github.state.pages = True
    run = scene.scheduled("pages.yml", DAILY)
    scene.expect_jobs(run, {"site": SUCCESS, "publish": SUCCESS})
    _hold_to_a_site(scene, run)


def _hold_to_a_site(scene: Scene, run: Run) -> None:
    """What was published has a page of each use case, and names the champion."""
    site = scene.folder / "artifacts" / str(run.identity) / "github-pages"
    pages = {page.name: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    told = pages.get("index.html", "")
    for name in all_use_cases():
        scene.check(name in told, f"the dashboard has no {name}: {sorted(pages)}")
    scene.check("version 1" in " ".join(pages.values()), "no page names the champion")
    noted = [json.loads(line)["kind"] for line in (scene.folder / "notes.jsonl").read_text().splitlines()]
    scene.check(noted.count("page") == 1, f"one page was expected to be published: {noted}")
