"""What a release must have left: a version, its alias, an image of one digest everywhere, and one thread."""

import json
import urllib.request

from tests.workflows.rehearsal.cluster import Deployed
from tests.workflows.rehearsal.scene import REGISTRY, Run, Scene

_ACCEPTED = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json"


def hold_to_release(scene: Scene, run: Run, *, version: int) -> None:
    """Registry of models, registry of images, attestation and thread tell the same."""
    hold_to_version(scene, version=version)
    hold_to_one_thread(scene, run)


def hold_to_version(scene: Scene, *, version: int) -> None:
    """Registry of models, registry of images and attestation tell the same."""
    versions = scene.tracking.versions("churn")
    scene.check(sorted(versions) == list(range(1, version + 1)), f"versions are {sorted(versions)}")
    scene.check(scene.tracking.alias("churn", "champion") == version, f"version {version} is not the champion")
    noted = " ".join(versions[version].values())
    asked = [json.loads(line) for line in (scene.folder / "notes.jsonl").read_text().splitlines()]
    digests = {note["subject-digest"] for note in asked if note["kind"] == "provenance"}
    scene.check(len(digests) == 1, f"provenance was asked for {len(digests)} digests")
    digest = digests.pop()
    scene.check(digest in noted, f"MLflow does not note {digest} with version {version}: {noted}")
    image = next(note["subject-name"] for note in asked if note["kind"] == "provenance")
    scene.check(pushed_digest(image, digest) == digest, f"the registry of images has no {image}@{digest}")


def hold_to_serving(scene: Scene, found: Deployed, *, version: int) -> str:
    """Every pod of an environment serves the version; returns its image's digest."""
    scene.check((found.version, found.phase) == (version, "serving"), f"version {version} does not serve: {found}")
    scene.check(found.ready == found.wanted > 1, f"pods are missing: {found}")
    return found.digest


def hold_to_one_thread(scene: Scene, run: Run) -> None:
    """One root, and below it no stage told twice."""
    roots = scene.thread()
    scene.check(len(roots) == 1, f"one thread was expected, and there are {len(roots)}")
    texts = [reply["text"] for reply in roots[0]["replies"]]
    scene.check(texts, "no stage is told in the thread")
    scene.check(len(set(texts)) == len(texts), f"something is told twice: {texts}")


def pushed_digest(image: str, digest: str) -> str | None:
    """What the registry of images says an image's digest is; None where it has none of that name."""
    name = image.partition("/")[2]
    request = urllib.request.Request(f"http://{REGISTRY}/v2/{name}/manifests/{digest}", method="HEAD")
    request.add_header("Accept", _ACCEPTED)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # ours
            return str(answer.headers["Docker-Content-Digest"])
    except OSError:
        return None
