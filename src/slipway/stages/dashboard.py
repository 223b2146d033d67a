"""dashboard: all use cases as a static site."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from slipway.core.errors import WriteFailed
from slipway.core.version import Version
from slipway.dashboard.index import index
from slipway.dashboard.portrait import Portrait
from slipway.dashboard.use_case import use_case
from slipway.ports import Registry, Watches
from slipway.workspace.files import replacing_folder, write_text

LOOKS = 60
RECORDS = 40


def portray(
    name: str, title: str, registry: Registry, watches: Watches, link: Callable[[str, str], str] = lambda *_: ""
) -> Portrait:
    """Ask the registry for all that a use case's page shows: every version, the latest records and looks.

    Args:
        link: the page of a version in MLflow, or "".
    """
    versions = registry.versions(name)
    read = {version.number: registry.record(name, version.number) for version in _shown(versions)}
    links = {version.number: link(name, str(version.number)) for version in versions}
    return Portrait(
        name=name,
        title=title,
        versions=versions,
        records={number: record for number, record in read.items() if record is not None},
        watches=watches.latest(name, LOOKS),
        links={number: address for number, address in links.items() if address},
    )


def write_site(portraits: Iterable[Portrait], into: Path, now: datetime) -> tuple[Path, ...]:
    """Write the site in place of the folder ``into``, whole or not at all; returns its pages, the index first.

    Raises:
        WriteFailed: the folder holds something else than pages, which would be lost, or cannot be written.
    """
    _refuse_others(into)
    shown = tuple(portraits)
    pages = {"index.html": index(shown, now)} | {f"{one.name}.html": use_case(one, now) for one in shown}
    with replacing_folder(into) as folder:
        _write(pages, folder)
    return tuple(into / name for name in pages)


def _refuse_others(into: Path) -> None:
    foreign = [into] if into.is_file() else [path for path in into.glob("*") if path.suffix != ".html"]
    if foreign:
        raise WriteFailed(
            f"{into} holds {foreign[0].name}, which is no page of a dashboard; nothing was written",
            cause="the folder is used for something else, and would be replaced",
            next_step="name a folder of its own, such as build/site",
        )


def _write(pages: Mapping[str, str], folder: Path) -> None:
    for name, text in pages.items():
        write_text(folder / name, text)


def _shown(versions: tuple[Version, ...]) -> list[Version]:
    champion = [version for version in versions[:-RECORDS] if "champion" in version.aliases]
    return [*champion, *versions[-RECORDS:]]
