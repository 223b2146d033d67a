"""The in-memory twin of the MLflow registry, for tests and dry runs."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from slipway.adapters.mlflow import facts
from slipway.adapters.mlflow.champions import CANDIDATE, CHAMPION, predecessor, refuse_moved
from slipway.adapters.mlflow.references import reference_missing
from slipway.core.errors import RegistryUnreachable, WriteFailed
from slipway.core.record import Record
from slipway.core.release import Release
from slipway.core.version import Standing, Version, carrier, numbered
from slipway.workspace import bundle as bundles
from slipway.workspace.files import replacing_folder
from slipway.workspace.paths import IMPORTANCES, REFERENCE


class InMemoryRegistry:
    """Versions in memory, their bundles under ``folder``; it answers nothing while ``reachable`` is False.

    Args:
        clock: when versions are registered, seconds since 1970 in UTC; None for a minute after each other.
    """

    def __init__(self, folder: Path, *, reachable: bool = True, clock: Callable[[], float] | None = None) -> None:
        self.reachable = reachable
        self._clock = clock
        self._moments: dict[tuple[str, int], int] = {}
        self._folder = folder
        self._tags: dict[str, dict[int, dict[str, str]]] = {}
        self._aliases: dict[str, dict[str, int]] = {}
        self._before: dict[str, dict[int, int | None]] = {}

    def versions(self, use_case: str) -> tuple[Version, ...]:
        """All versions, oldest first."""
        self._answer()
        aliases = self._aliases.get(use_case, {})
        return tuple(
            facts.version(use_case, number, self._carried(aliases, number), self._moment(use_case, number), tags)
            for number, tags in self._tags.get(use_case, {}).items()
        )

    def aliased(self, use_case: str, alias: str) -> Version | None:
        """The version that carries an alias."""
        return carrier(self.versions(use_case), alias)

    def register(self, record: Record, bundle: Path, extras: Sequence[Path]) -> Version:
        """Keep a copy of the bundle, once a record."""
        bundles.verify(bundle)
        use_case = record.evaluation.use_case
        known = {version.record_digest: version.number for version in self.versions(use_case)}
        number = known.get(record.digest) or len(known) + 1
        if record.digest not in known:
            self._keep(use_case, number, bundle, extras)
            self._tags.setdefault(use_case, {})[number] = facts.tags(record)
            if self._clock is not None:
                self._moments[use_case, number] = round(self._clock() * 1000)
        self._keep_extras(use_case, number, extras)
        self.set_alias(use_case, CANDIDATE, number)
        return self._one(use_case, number)

    def promote(self, use_case: str, number: int, *, expected_champion: int | None) -> None:
        """Move "champion" and remember the one before."""
        champion = self._champion(use_case)
        if champion != number:
            refuse_moved(use_case, champion, expected_champion)
            self._one(use_case, number)
            before = self._before.setdefault(use_case, {})
            before[number] = predecessor(before, champion, number)
        self._crown(use_case, number, Standing.SUPERSEDED)

    def set_alias(self, use_case: str, alias: str, number: int) -> None:
        """Point an alias at a version."""
        self._one(use_case, number)
        if alias == CHAMPION:
            self._crown(use_case, number, Standing.WITHDRAWN)
        self._aliases.setdefault(use_case, {})[alias] = number

    def set_release(self, use_case: str, number: int, release: Release) -> None:
        """Note the image a version was pushed as."""
        self._one(use_case, number)
        self._tags[use_case][number][facts.RELEASE] = release.model_dump_json()

    def previous_champion(self, use_case: str) -> int | None:
        """The version that a rollback brings back."""
        champion = self._champion(use_case)
        return None if champion is None else self._before.get(use_case, {}).get(champion)

    def record(self, use_case: str, number: int) -> Record | None:
        """A version's record, out of its bundle."""
        self._one(use_case, number)
        path = self.bundle(use_case, number) / bundles.RECORD
        return facts.record(path.read_bytes()) if path.is_file() else None

    def fetch_bundle(self, use_case: str, number: int, into: Path) -> Path:
        """Copy a version's bundle out again."""
        version = self._one(use_case, number)
        with replacing_folder(into) as folder:
            shutil.copytree(self.bundle(use_case, number), folder, dirs_exist_ok=True)
            bundles.verify(folder, name=f"of {use_case} version {number}")
            bundles.refuse_other(folder, version.model_digest, name=f"of {use_case} version {number}")
        return into

    def fetch_reference(self, use_case: str, number: int, into: Path) -> Path:
        """Copy what a live version is compared with out again."""
        self._one(use_case, number)
        kept = [self._folder / use_case / f"{number}-extras" / name for name in (REFERENCE, IMPORTANCES)]
        if not all(path.is_file() for path in kept):
            raise reference_missing(use_case, number)
        with replacing_folder(into) as folder:
            for path in kept:
                shutil.copyfile(path, folder / path.name)
        return into

    def bundle(self, use_case: str, number: int) -> Path:
        """Where a version's bundle is kept."""
        return self._folder / use_case / str(number)

    @staticmethod
    def _carried(aliases: Mapping[str, int], number: int) -> tuple[str, ...]:
        return tuple(alias for alias, carrier_number in aliases.items() if carrier_number == number)

    def _moment(self, use_case: str, number: int) -> int:
        return self._moments.get((use_case, number), _moment(number))

    def _answer(self) -> None:
        if not self.reachable:
            raise RegistryUnreachable(
                "the registry cannot be used", cause="it was told not to answer", next_step="make it reachable"
            )

    def _one(self, use_case: str, number: int) -> Version:
        return numbered(self.versions(use_case), use_case, number)

    def _champion(self, use_case: str) -> int | None:
        champion = self.aliased(use_case, CHAMPION)
        return None if champion is None else champion.number

    def _crown(self, use_case: str, number: int, leaver: Standing) -> None:
        tags = self._tags[use_case]
        champion = self._champion(use_case)
        if champion is not None and champion != number:
            tags[champion][facts.STANDING] = leaver
        tags[number][facts.STANDING] = Standing.CHAMPION
        self._aliases.setdefault(use_case, {})[CHAMPION] = number

    def _keep(self, use_case: str, number: int, bundle: Path, extras: Sequence[Path]) -> None:
        absent = [path for path in extras if not path.is_file()]
        if absent:
            raise WriteFailed(f"{absent[0]} is not there", cause="it was deleted", next_step="run again")
        with replacing_folder(self.bundle(use_case, number)) as folder:
            shutil.copytree(bundle, folder, dirs_exist_ok=True)

    def _keep_extras(self, use_case: str, number: int, extras: Sequence[Path]) -> None:
        folder = self._folder / use_case / f"{number}-extras"
        folder.mkdir(parents=True, exist_ok=True)
        for path in extras:
            if not (folder / path.name).exists():
                shutil.copyfile(path, folder / path.name)


def _moment(number: int) -> int:
    return round(datetime(2026, 1, 1, 0, number % 60, tzinfo=UTC).timestamp() * 1000)
