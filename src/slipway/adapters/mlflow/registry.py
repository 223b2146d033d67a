"""MLflow's model registry as our Registry."""

import contextlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from slipway.adapters.mlflow import facts
from slipway.adapters.mlflow.boundary import connect, database, translated
from slipway.adapters.mlflow.champions import CANDIDATE, CHAMPION, predecessor, refuse_moved
from slipway.adapters.mlflow.references import reference_missing
from slipway.adapters.mlflow.run import MlflowRuns
from slipway.core.record import Record
from slipway.core.release import Release
from slipway.core.version import Standing, Version, carrier, numbered
from slipway.workspace import bundle as bundles
from slipway.workspace.files import replacing_folder
from slipway.workspace.paths import IMPORTANCES, REFERENCE


class MlflowRegistry:
    """A registered model for each use case, under its name.

    The alias "champion" says who is champion. Each version's tag ``slipway.champion_before`` says whom a rollback
    brings back. It is written before the alias moves: killed between the two, the old champion loses nothing.

    Args:
        tracking_uri: of a tracking server, or ``sqlite:///`` and a path.
        artifact_root: where artifacts go; None leaves it to the server. Given with a SQLite URI.
    """

    def __init__(self, tracking_uri: str, artifact_root: Path | None = None) -> None:
        self._uri = tracking_uri
        self._artifact_root = artifact_root

    def versions(self, use_case: str) -> tuple[Version, ...]:
        """All versions made here, oldest first."""
        if self._is_unborn():
            return ()
        with translated(self._uri):
            aliases = self._aliases(use_case)
            return tuple(_version(entry, aliases) for entry in self._entries(use_case))

    def aliased(self, use_case: str, alias: str) -> Version | None:
        """The version that carries an alias."""
        return carrier(self.versions(use_case), alias)

    def register(self, record: Record, bundle: Path, extras: Sequence[Path]) -> Version:
        """Register a bundle with its record, once; see the port."""
        bundles.verify(bundle)
        use_case = record.evaluation.use_case
        with translated(self._uri):
            number = self._number_of(use_case, record.digest)
            if number is None:
                number = self._create(record, bundle, extras)
            else:
                self._runs.complete(self._run_of(use_case, number), extras)
            self._client.set_registered_model_alias(use_case, CANDIDATE, str(number))
        return self._one(use_case, number)

    def promote(self, use_case: str, number: int, *, expected_champion: int | None) -> None:
        """Move "champion" and remember the one before; see the port."""
        champion = self._champion(use_case)
        if champion != number:
            refuse_moved(use_case, champion, expected_champion)
            self._one(use_case, number)
            with translated(self._uri):
                before = predecessor(self._before(use_case), champion, number)
                self._tag(use_case, number, facts.CHAMPION_BEFORE, facts.NONE if before is None else str(before))
        self._crown(use_case, number, leaving=champion, leaver=Standing.SUPERSEDED)

    def set_alias(self, use_case: str, alias: str, number: int) -> None:
        """Point an alias at a version; see the port."""
        self._one(use_case, number)
        if alias == CHAMPION:
            self._crown(use_case, number, leaving=self._champion(use_case), leaver=Standing.WITHDRAWN)
        else:
            with translated(self._uri):
                self._client.set_registered_model_alias(use_case, alias, str(number))

    def set_release(self, use_case: str, number: int, release: Release) -> None:
        """Note the image a version was pushed as."""
        self._one(use_case, number)
        with translated(self._uri):
            self._tag(use_case, number, facts.RELEASE, release.model_dump_json())

    def previous_champion(self, use_case: str) -> int | None:
        """The version that a rollback brings back."""
        champion = self._champion(use_case)
        if champion is None:
            return None
        with translated(self._uri):
            before = self._before(use_case)
        found = before.get(champion)
        return found if found in before else None

    def fetch_bundle(self, use_case: str, number: int, into: Path) -> Path:
        """Download a version's bundle and hold it to its manifest and to the version's own digests."""
        version = self._one(use_case, number)
        with replacing_folder(into) as folder:
            with translated(self._uri):
                self._runs.download_bundle(self._run_of(use_case, number), folder)
            bundles.verify(folder, name=f"of {use_case} version {number}")
            bundles.refuse_other(folder, version.model_digest, name=f"of {use_case} version {number}")
        return into

    def fetch_reference(self, use_case: str, number: int, into: Path) -> Path:
        """Download what a live version is compared with."""
        self._one(use_case, number)
        with replacing_folder(into) as folder, translated(self._uri):
            if not self._runs.download_files(self._run_of(use_case, number), (REFERENCE, IMPORTANCES), folder):
                raise reference_missing(use_case, number)
        return into

    @cached_property
    def _client(self) -> Any:
        return connect(self._uri)

    @cached_property
    def _runs(self) -> MlflowRuns:
        return MlflowRuns(self._client, self._artifact_root)

    def _is_unborn(self) -> bool:
        path = database(self._uri)
        return path is not None and not path.exists()

    def _entries(self, use_case: str) -> list[Any]:
        entries = [e for e in self._all_entries(use_case) if facts.is_ours(e.tags) and e.status == "READY"]
        return sorted(entries, key=lambda entry: int(entry.version))

    def _all_entries(self, use_case: str) -> Iterator[Any]:
        token = None
        while True:
            page = self._client.search_model_versions(f"name='{use_case}'", page_token=token)
            yield from page
            token = page.token
            if not token:
                return

    def _run_of(self, use_case: str, number: int) -> str:
        return str(next(e.run_id for e in self._entries(use_case) if int(e.version) == number))

    def _aliases(self, use_case: str) -> dict[str, int]:
        from mlflow.exceptions import MlflowException

        try:
            model = self._client.get_registered_model(use_case)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return {}
        return {alias: int(number) for alias, number in model.aliases.items()}

    def _number_of(self, use_case: str, record_digest: str) -> int | None:
        numbers = (int(e.version) for e in self._entries(use_case) if e.tags[facts.RECORD_DIGEST] == record_digest)
        return next(numbers, None)

    def _create(self, record: Record, bundle: Path, extras: Sequence[Path]) -> int:
        """The version comes last and at once with its tags, so that it exists only when all it needs does."""
        use_case = record.evaluation.use_case
        for entry in list(self._all_entries(use_case)):
            if entry.tags.get(facts.RECORD_DIGEST) == record.digest:
                self._client.delete_model_version(use_case, entry.version)
        run_id, model = self._runs.log(record, bundle, extras)
        self._create_registered_model(use_case)
        version = self._client.create_model_version(
            use_case, model.artifact_location, run_id, facts.tags(record), model_id=model.model_id
        )
        return int(version.version)

    def _create_registered_model(self, use_case: str) -> None:
        from mlflow.exceptions import MlflowException

        with contextlib.suppress(MlflowException):
            self._client.get_registered_model(use_case)
            return
        self._client.create_registered_model(use_case)

    def _one(self, use_case: str, number: int) -> Version:
        return numbered(self.versions(use_case), use_case, number)

    def _champion(self, use_case: str) -> int | None:
        champion = self.aliased(use_case, CHAMPION)
        return None if champion is None else champion.number

    def _before(self, use_case: str) -> dict[int, int | None]:
        """Version number to the champion it was promoted over."""
        noted = {int(e.version): e.tags.get(facts.CHAMPION_BEFORE, facts.NONE) for e in self._entries(use_case)}
        return {number: None if value == facts.NONE else int(value) for number, value in noted.items()}

    def _crown(self, use_case: str, number: int, *, leaving: int | None, leaver: Standing) -> None:
        with translated(self._uri):
            if leaving is not None and leaving != number:
                self._tag(use_case, leaving, facts.STANDING, leaver)
            self._client.set_registered_model_alias(use_case, CHAMPION, str(number))
            self._tag(use_case, number, facts.STANDING, Standing.CHAMPION)

    def _tag(self, use_case: str, number: int, key: str, value: str) -> None:
        self._client.set_model_version_tag(use_case, str(number), key, str(value))


def _version(entry: Any, aliases: dict[str, int]) -> Version:
    number = int(entry.version)
    carried = tuple(alias for alias, target in aliases.items() if target == number)
    return facts.version(entry.name, number, carried, entry.creation_timestamp, entry.tags)
