"""DVC, driven in this process, and a twin that keeps what is done in memory.

One repository object serves all stages of a run: DVC's own command would load it once a stage.
"""

import hashlib
import logging
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from slipway.core.errors import DataMissing, LockHeld, SlipwayError, StageFailed, ToolFailed, WriteFailed
from slipway.workspace.files import DISK_FULL, replacing, replacing_folder


@dataclass
class DvcPipeline:
    """The DVC repository at ``root``. What a stage prints goes to ``log(use_case, stage)``."""

    root: Path
    log: Callable[[str, str], Path]

    def settle_raw(self, use_case: str) -> str | None:
        raw = f"data/{use_case}/raw.parquet"
        with self._at_work(use_case, "collect"):
            [stage] = self._repo.stage.collect(f"collect@{use_case}")
            [out] = stage.outs
            if not out.hash_info:
                return None
            if not out.exists:
                return self._bring(use_case, raw, out)
            if out.changed_checksum():
                self._repo.commit(target=f"collect@{use_case}", force=True)
                return f"{raw} was changed by hand and is taken as it is"
        return None

    def reproduce(self, stage: str, use_case: str, *, force: bool = False) -> bool:
        from dvc.exceptions import ReproductionError

        try:
            with self._at_work(use_case, stage):
                return bool(self._repo.reproduce(f"{stage}@{use_case}", single_item=True, force=force))
        except ReproductionError as error:
            raise self._failure(stage, use_case, error) from error

    def hold(self, use_case: str) -> None:
        with replacing_folder(self._held(use_case)) as folder:
            for path in (self.root / "dvc.lock", self._raw(use_case), self._note(use_case)):
                if path.is_file():
                    shutil.copyfile(path, folder / path.name)

    def go_back(self, use_case: str) -> bool:
        held = self._held(use_case)
        if not held.is_dir():
            return False
        for path in (self._raw(use_case), self._note(use_case)):
            _restore(path, held / path.name)
        _restore_entries(self.root / "dvc.lock", held / "dvc.lock", f"@{use_case}")
        self.let_go(use_case)
        self.__dict__.pop("_repo", None)  # it has read the lock file already
        return True

    def let_go(self, use_case: str) -> None:
        held = self._held(use_case)
        if held.is_dir():
            left = held.with_name("held.over")
            shutil.rmtree(left, ignore_errors=True)
            held.rename(left)  # at one stroke: a folder that is deleted in part is none to go back to
            shutil.rmtree(left)

    def push_raw(self, use_case: str) -> None:
        note = self._note(use_case)
        with self._at_work(use_case, "push"):
            targets = [f"collect@{use_case}"]
            if any(note.with_suffix("").rglob("*.*")):
                self._repo.add(str(note.with_suffix("")))
                targets.append(str(note))
            self._repo.push(targets=targets)

    def settle_kept(self, use_case: str) -> bool:
        note = self._note(use_case)
        if not note.is_file() or note.with_suffix("").exists():
            return False
        with self._at_work(use_case, "pull"):
            self._repo.pull(targets=[str(note)])
        return True

    def _held(self, use_case: str) -> Path:
        return self.root / ".slipway" / use_case / "held"

    def _note(self, use_case: str) -> Path:
        """Where DVC notes the folder ``kept`` beside it."""
        return self.root / "data" / use_case / "kept.dvc"

    def _raw(self, use_case: str) -> Path:
        return self.root / "data" / use_case / "raw.parquet"

    def kept_raw(self, use_case: str, digest: str) -> Path:
        with self._at_work(use_case, "changes"):
            kept = Path(self._repo.cache.local.oid_to_path(_checked(digest)))
            if not _holds(kept, digest):
                kept.unlink(missing_ok=True)
                self._fetch(digest)
            if not _holds(kept, digest):
                raise _lost(digest, "it does not hold this object, or holds it damaged")
            return kept

    def _fetch(self, digest: str) -> None:
        from dvc.exceptions import DvcException
        from dvc_data.hashfile.hash_info import HashInfo

        try:
            self._repo.cloud.pull([HashInfo("md5", digest)])
        except (DvcException, OSError) as error:
            if any(map(_is_full_disk, _reasons(error))):
                raise
            raise _lost(digest, f"it is out of reach ({line(error)})") from error

    @contextmanager
    def _at_work(self, use_case: str, stage: str) -> Iterator[None]:
        """DVC resolves stages and paths from the working directory."""
        with translated(), quiet(self.log(use_case, stage)), chdir(self.root):
            try:
                yield
            except BaseException:
                self._remove_half_copied(use_case)
                raise

    def _remove_half_copied(self, use_case: str) -> None:
        """DVC copies under a temporary name, and leaves that behind when it fails."""
        for path in (self.root / "data" / use_case).rglob(".*.tmp"):
            path.unlink(missing_ok=True)

    def _bring(self, use_case: str, path: str, out: Any) -> str:
        """DVC trusts its cache on this machine unseen; what is damaged there is brought from the remote again."""
        digest = out.hash_info.value
        self._pull(use_case, path, digest)
        if _md5(self.root / path) != digest:
            for damaged in (self.root / path, Path(out.cache.oid_to_path(digest))):
                damaged.unlink()
            self._pull(use_case, path, digest)
        return f"{path} was brought from the DVC remote"

    def _pull(self, use_case: str, path: str, digest: str) -> None:
        from dvc.exceptions import CheckoutError, DvcException

        try:
            self._repo.pull(targets=[f"collect@{use_case}"])
        except (CheckoutError, DvcException, OSError) as error:
            if any(map(_is_full_disk, _reasons(error))):
                raise
            raise DataMissing(
                f"{path} ({digest[:12]}…) cannot be had from the DVC remote",
                cause=f"the remote does not hold this object, holds it damaged, or is out of reach ({line(error)})",
                next_step="restore the remote (`dvc remote list` shows it), or fetch the table from its source again "
                f"with `slipway collect {use_case}` followed by `dvc commit -f collect@{use_case}`",
            ) from error

    def _failure(self, stage: str, use_case: str, error: Exception) -> StageFailed:
        failure = StageFailed(
            f"{stage} of {use_case} failed: {line(error.__cause__ or error)}",
            cause="its process was killed, or ended before it could say why",
            next_step=f"run `slipway {stage} {use_case}` to see it; its output is in {self.log(use_case, stage)}",
        )
        ended = re.search(r"exited with (\d+)$", str(error.__cause__))
        failure.exit_code = int(ended[1]) if ended else StageFailed.exit_code
        return failure

    @cached_property
    def _repo(self) -> Any:
        from dvc.exceptions import DvcException
        from dvc.repo import Repo
        from dvc.scm import SCMError

        logging.getLogger("dvc").setLevel(logging.ERROR)
        try:
            return Repo(str(self.root))
        except SCMError as error:
            raise ToolFailed(
                f"{self.root} is in no Git repository, and DVC works in one only",
                cause="the project was copied or unpacked without its history",
                next_step="work in a clone, or run `git init` here and then the same command again",
            ) from error
        except DvcException as error:
            raise ToolFailed(
                f"DVC does not accept {self.root}: {line(error)}",
                cause="dvc.yaml or .dvc/config was changed so that it does not parse",
                next_step="run `dvc status` for the details",
            ) from error


def _restore(path: Path, held: Path) -> None:
    """Make a file what it was; it goes where there was none."""
    if held.is_file():
        with replacing(path) as temporary:
            shutil.copyfile(held, temporary)
    else:
        path.unlink(missing_ok=True)


def _restore_entries(lock: Path, held: Path, of: str) -> None:
    """Give the entries of one use case back what they were; other use cases may have moved on meanwhile."""
    from dvc.utils.serialize import dump_yaml, load_yaml

    if not lock.is_file():
        now: dict[str, Any] = {"schema": "2.0", "stages": {}}
    else:
        now = load_yaml(str(lock))
    before = load_yaml(str(held)) if held.is_file() else {"stages": {}}
    others = {name: entry for name, entry in now["stages"].items() if not name.endswith(of)}
    stages = others | {name: entry for name, entry in before["stages"].items() if name.endswith(of)}
    with replacing(lock) as temporary:
        if held.is_file() and stages == before["stages"]:
            shutil.copyfile(held, temporary)
        else:
            dump_yaml(str(temporary), now | {"stages": stages})
    if not stages and not held.is_file():
        lock.unlink()


def _checked(digest: str) -> str:
    if not re.fullmatch("[0-9a-f]{32}", digest):
        raise _lost(digest, "that is no digest of a file")
    return digest


def _holds(kept: Path, digest: str) -> bool:
    return kept.is_file() and _md5(kept) == digest


def _lost(digest: str, why: str) -> DataMissing:
    return DataMissing(
        f"a raw table ({digest[:12]}…) cannot be had from DVC's cache or remote",
        cause=f"of the remote: {why}",
        next_step="run `dvc remote list` to see which remote was asked, and `dvc push` where the table still is",
    )


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def line(error: BaseException) -> str:
    """What an error says, on one line."""
    return " ".join(str(error).split())


@contextmanager
def translated() -> Iterator[None]:
    """Raise our own errors for DVC's."""
    try:
        yield
    except Exception as error:
        ours = _ours(error)
        if ours is None:
            raise
        raise ours from error


def _ours(error: Exception) -> SlipwayError | None:
    """The error to raise instead; None for what is ours already, and for the failure of a stage."""
    from dvc.exceptions import DvcException, ReproductionError
    from dvc.lock import LockError

    reasons = list(_reasons(error))
    if isinstance(error, SlipwayError):
        return None
    if any(isinstance(reason, LockError) for reason in reasons):
        return _held(error)
    full = next(filter(_is_full_disk, reasons), None)
    if full is not None:
        return WriteFailed(
            f"DVC's files could not be written: {line(full)}",
            cause="the disk is full, or a folder may not be written",
            next_step="free space, then run the same command again; `dvc doctor` names the folders",
        )
    if isinstance(error, ReproductionError) or not isinstance(error, DvcException | OSError | sqlite3.Error):
        return None
    return ToolFailed(
        f"DVC failed: {line(error)}",
        cause="a file it tracks, its cache or its configuration is not as it left it",
        next_step="run `dvc status` and `dvc doctor` for the details",
    )


def _reasons(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_full_disk(error: BaseException) -> bool:
    """DVC keeps its state in SQLite, which says so in words; where it cannot even copy, it speaks of links."""
    from dvc.exceptions import CacheLinkError

    if isinstance(error, CacheLinkError):
        return True
    if isinstance(error, sqlite3.Error):
        return "disk" in str(error)
    return isinstance(error, OSError) and error.errno in DISK_FULL


def _held(error: Exception) -> LockHeld:
    return LockHeld(
        f"DVC is at work in this folder already: {line(error)}",
        cause="a `dvc` command or another run is under way",
        next_step="wait until it ends and run the same command again",
    )


@contextmanager
def quiet(log: Path) -> Iterator[None]:
    """Send this process's and its children's output to a file: the progress display owns the terminal."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [(descriptor, os.dup(descriptor)) for descriptor in (1, 2)]
    try:
        with log.open("wb") as file:
            for descriptor, _ in kept:
                os.dup2(file.fileno(), descriptor)
            yield
    finally:
        for descriptor, copy in kept:
            with suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os.dup2(copy, descriptor)
            os.close(copy)


@dataclass
class PipelineTwin:
    """Stages as functions in this process; what is done stays done until it is forced.

    ``kept`` are the raw tables of other commits, by their digest.
    """

    stages: Mapping[str, Callable[[str], None]]
    done: set[tuple[str, str]] = field(default_factory=set)
    kept: dict[str, Path] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    pushed: list[str] = field(default_factory=list)

    def settle_raw(self, use_case: str) -> str | None:
        return None

    def reproduce(self, stage: str, use_case: str, *, force: bool = False) -> bool:
        if (stage, use_case) in self.done and not force:
            return False
        self.stages[stage](use_case)
        self.done.add((stage, use_case))
        return True

    def kept_raw(self, use_case: str, digest: str) -> Path:
        if digest not in self.kept:
            raise _lost(digest, "it does not hold this object")
        return self.kept[digest]

    def hold(self, use_case: str) -> None:
        self.held.add(use_case)

    def go_back(self, use_case: str) -> bool:
        held = use_case in self.held
        self.held.discard(use_case)
        return held

    def let_go(self, use_case: str) -> None:
        self.held.discard(use_case)

    def settle_kept(self, use_case: str) -> bool:
        return False

    def push_raw(self, use_case: str) -> None:
        self.pushed.append(use_case)
