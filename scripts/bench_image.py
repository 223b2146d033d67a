"""How large the endpoint's image is on top of its base, by package.

    python scripts/bench_image.py [--image NAME] [--json PATH] [--into docs/performance.md]

Without ``--image`` the champion's image is built first, as `slipway image churn` does. Sizes are of the files as they
lie in the image, in MB of a million bytes.
"""

import argparse
import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from scripts.benches.machine import describe
from scripts.benches.report import Part, bar, markdown, part, show

MOST_MB = 250.0
SHOWN_MB = 0.5
HEADING = "## The image\n"
INTRODUCTION = """`make bench-image` builds the champion's image and weighs it. The engine counts unpacked bytes; the
base is shared by all images that stand on it.

"""

# runs in the image: bytes by distribution, and of our own code and model
_WEIGH = """
import importlib.metadata, json, os, pathlib
ROOT = pathlib.Path("/app/packages")
packages = importlib.metadata.distributions(path=[str(ROOT)])
owners = {ROOT / file: each.name for each in packages for file in each.files or ()}
found = {}
def weigh(path):
    source = path.parent.parent / (path.name.split(".")[0] + ".py") if path.suffix == ".pyc" else path
    part = path.relative_to("/app").parts[0]
    name = owners.get(source, "others") if part == "packages" else "our " + part
    found[name] = found.get(name, 0) + path.stat().st_size
for folder, _, names in os.walk("/app"):
    for name in names:
        weigh(pathlib.Path(folder, name))
print(json.dumps(found))
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Build if need be, weigh, print, and write where asked to."""
    options = _options(arguments)
    figures: dict[str, Any] = {"machine": describe(), "parts": [_measure(options.image or _built())]}
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    if options.into:
        options.into.write_text(replaced(options.into.read_text(), INTRODUCTION + markdown(**figures)))
    show(**figures, console=Console())


def replaced(document: str, text: str) -> str:
    """A document with ``text`` for what stood below the heading of the image, down to the next heading."""
    above, heading, below = document.partition(HEADING)
    rest = re.search(r"^## ", below, re.MULTILINE)
    return f"{above}{heading}\n{text}\n{below[rest.start() :] if rest else ''}"


def rows(weights: dict[str, int]) -> list[list[object]]:
    """Name and MB, largest first; what is smaller than half an MB is summed up."""
    large = {name: size / 1e6 for name, size in weights.items() if size >= SHOWN_MB * 1e6}
    small = [size / 1e6 for name, size in weights.items() if name not in large]
    ordered: list[list[object]] = [[name, size] for name, size in sorted(large.items(), key=lambda item: -item[1])]
    return [*ordered, [f"{len(small)} smaller ones", sum(small)]]


def _measure(image: str) -> Part:
    weights = json.loads(_docker("run", "--rm", "--entrypoint", "python", image, "-c", _WEIGH))
    total = _size(image) / 1e6
    labels = json.loads(_docker("image", "inspect", "--format", "{{json .Config.Labels}}", image))
    base = _size(labels["org.opencontainers.image.base.name"]) / 1e6
    return part(
        f"On top of {labels['org.opencontainers.image.base.name']}",
        ["package", "MB"],
        [*rows(weights), ["all, as the engine tells it", total - base], ["the base", base], ["the image", total]],
        bytes_by_package=weights,
        image_bytes=round(total * 1e6),
        base_bytes=round(base * 1e6),
        bars=[bar("image on top of its base", total - base, MOST_MB, "MB")],
    )


def _built() -> str:
    """The champion's image, made by the command itself."""
    done = subprocess.run(["slipway", "image", "churn"], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.split()[0]


def _size(image: str) -> int:
    return int(_docker("image", "inspect", "--format", "{{.Size}}", image))


def _docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", help="weigh this one instead of building the champion's")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--into", type=Path, help="a document whose part below its heading The image is written anew")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
