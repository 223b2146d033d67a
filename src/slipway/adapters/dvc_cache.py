"""DVC's run cache, shared through a remote that .dvc/config knows nothing of; and a twin that shares in memory.

DVC's own ``push --run-cache`` takes the runs of all stages that ever ran here, and none of the outputs that are marked
``push: false``; its ``pull --run-cache`` takes all runs that anybody ever shared. Here the stages of one use case
travel, as they are at hand, with their outputs. The remote looks as DVC's own commands would leave it.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import chdir, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slipway.adapters.dvc import line, quiet, translated
from slipway.core.errors import SlipwayError, ToolFailed
from slipway.workspace.files import write_text

SHARED = ("collect", "validate", "prepare", "train")
"""The stages whose inputs are known before anything runs; whoever is up against the candidate is asked anew."""

_NAME = "slipway-run-cache"


@dataclass(frozen=True)
class DvcRunCache:
    """What the stages of the DVC repository at ``root`` left, shared at ``url``; DVC's messages go to ``log``."""

    root: Path
    url: str = field(repr=False)
    log: Callable[[str, str], Path]

    def pull(self, use_case: str) -> tuple[str, ...]:
        """Bring what others computed; see the port."""
        with self._at_work(use_case, "cache-pull") as remote:
            return tuple(remote.pull(use_case))

    def push(self, use_case: str) -> tuple[str, ...]:
        """Share what is computed here; see the port."""
        with self._at_work(use_case, "cache-push") as remote:
            return tuple(remote.push(use_case))

    @contextmanager
    def _at_work(self, use_case: str, command: str) -> Iterator["_Remote"]:
        from dvc.repo import Repo, lock_repo

        url = self.url if "://" in self.url else str((self.root / self.url).resolve())
        with quiet(self.log(use_case, command)), chdir(self.root), self._told(), translated():
            repo = Repo(str(self.root), remote=_NAME, remote_config={"url": url, "verify": True})
            remote = repo.cloud.get_remote(_NAME)
            if remote.fs.protocol in {"http", "https"}:
                raise _Unusable("a web server cannot be listed; name a folder or an object store")
            with lock_repo(repo):
                yield _Remote(repo, remote)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Each kind of store raises errors of its own library, and some show the address with what is secret in it."""
        try:
            yield
        except (ToolFailed, _Unusable) as error:
            raise _failed(self._public(error.what if isinstance(error, ToolFailed) else str(error))) from error
        except SlipwayError:
            raise
        except Exception as error:
            raise _failed(self._public(f"{type(error).__name__}: {line(error)}")) from error

    def _public(self, text: str) -> str:
        hidden = text.replace(self.url, "the address")
        return re.sub(r"(\w+://[^\s?]*)\?\S*", r"\1", re.sub(r"://[^\s/@]*@", "://", hidden))[:300]


@dataclass(frozen=True)
class _Remote:
    """DVC's repository, and the remote that is opened in it."""

    repo: Any
    remote: Any

    def pull(self, use_case: str) -> Iterator[str]:
        """Follow the stages from the raw table on, as far as their runs are known; yields those that are here then.

        A run whose outputs are lost still tells what they were: later ones are followed all the same.
        """
        known: dict[str, Any] = {}
        lost: list[str] = []
        for name in SHARED:
            [stage] = self.repo.stage.collect(f"{name}@{use_case}")
            if name == "collect" and not _is_stale(stage):
                known |= {out.def_path: out for out in stage.outs if not out.exists}
                continue
            run = self._run_of(stage, known)
            if run is None:
                break
            known |= {out.def_path: out for out in run.outs}
            if self._has_brought(run):
                yield name
            else:
                lost.append(name)
        if lost:
            raise _Unusable(f"what {', '.join(lost)} left is damaged or missing there, and was not taken")

    def push(self, use_case: str) -> Iterator[str]:
        """Share every run that the lock file notes and that was made here or brought from here; outputs go first."""
        for name in SHARED:
            [stage] = self.repo.stage.collect(f"{name}@{use_case}")
            noted = _noted_run(stage)
            local = Path(self.repo.stage_cache.cache_dir) / (noted or "none")
            if not local.is_file():
                continue
            if self._transfer(self.repo.cache.local, self.remote.odb, self._objects(stage)):
                raise _Unusable(f"what {name} left could not be copied there")
            self._put(local, self._runs(str(noted)))
            yield name

    def _put(self, local: Path, there: str) -> None:
        if self.remote.fs.exists(there) and self.remote.fs.cat_file(there) == local.read_bytes():
            return
        self.remote.fs.makedirs(self.remote.fs.parent(there), exist_ok=True)
        self.remote.fs.put_file(str(local), there)

    def _run_of(self, stage: Any, known: Mapping[str, Any]) -> Any | None:
        """The run of a stage with the inputs it would have, here or shared, as DVC's stage; None if nobody ran it."""
        for dep in stage.deps:
            if dep.def_path in known:
                dep.hash_info, dep.meta = known[dep.def_path].hash_info, known[dep.def_path].meta
            elif dep.exists:
                dep.save()
            else:
                return None
        from dvc.stage.cache import _get_cache_hash
        from dvc.stage.serialize import to_single_stage_lockfile

        key = _get_cache_hash(to_single_stage_lockfile(stage), key=True)
        cache = self.repo.stage_cache
        shared = f"{key[:2]}/{key}"
        if not (Path(cache.cache_dir) / shared).is_dir():
            self._bring_run(shared)
        found = _newest(Path(cache.cache_dir) / shared)
        entry = None if found is None else cache._load_cache(key, found)
        return None if entry is None else cache._create_stage(entry, wdir=stage.wdir)

    def _bring_run(self, shared: str) -> None:
        """Bring what a folder of the remote's runs holds, if it is what its names say."""
        folder = self._runs(shared)
        if not self.remote.fs.exists(folder):
            return
        for path in sorted(self.remote.fs.find(folder)):
            text = self.remote.fs.cat_file(path).decode()
            name = f"{shared}/{self.remote.fs.name(path)}"
            if _is_run(text, name):
                write_text(Path(self.repo.stage_cache.cache_dir) / name, text)
                return
            self._forget(path)

    def _has_brought(self, run: Any) -> bool:
        """Bring a run's outputs; whether all of them are here then, whole."""
        from dvc.exceptions import DvcException
        from dvc_objects.errors import ObjectFormatError

        try:
            wanted = self._objects(run)  # what a folder consists of is brought by that
        except (DvcException, ObjectFormatError, FileNotFoundError):
            self._forget_damaged([out.hash_info for out in run.outs])
            return False
        return not self._transfer(self.remote.odb, self.repo.cache.local, wanted) and bool(run.outs_cached())

    def _objects(self, stage: Any) -> list[Any]:
        return [found for wanted in stage.get_used_objs().values() for found in wanted]

    def _transfer(self, source: Any, target: Any, objects: Iterable[Any]) -> set[Any]:
        """Copy objects that are not there yet, each held to its digest; returns those that are not there after it."""
        from dvc_data.hashfile.transfer import transfer

        wanted = set(objects)
        transfer(source, target, wanted, verify=True, shallow=False, cache_odb=self.repo.cache.local)
        failed = {found for found in wanted if not target.exists(found.value)}
        if source is self.remote.odb:
            self._forget_damaged(failed)
        return failed

    def _forget_damaged(self, objects: Iterable[Any]) -> None:
        for lost in objects:
            if self._is_damaged(lost.value):
                self._forget(self.remote.odb.oid_to_path(lost.value))

    def _is_damaged(self, digest: str) -> bool:
        with suppress(FileNotFoundError), self.remote.fs.open(self.remote.odb.oid_to_path(digest), "rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
            return bool(found != digest.removesuffix(".dir"))
        return False

    def _forget(self, path: str) -> None:
        """Take away what is damaged, so that the next who computes it shares it anew; whoever only reads may not."""
        with suppress(Exception):
            self.remote.fs.remove(path)

    def _runs(self, name: str) -> str:
        return str(self.remote.fs.join(self.remote.path, "runs", *name.split("/")))


def _is_stale(stage: Any) -> bool:
    """Whether a stage will run anew, its inputs not being those that the lock file notes."""
    noted = [dep.hash_info for dep in stage.deps]
    for dep in stage.deps:
        dep.save()
    return not all(out.hash_info for out in stage.outs) or noted != [dep.hash_info for dep in stage.deps]


def _noted_run(stage: Any) -> str | None:
    """Under which name DVC keeps the run that the lock file notes, below its folder of runs."""
    from dvc.stage.cache import _get_cache_hash
    from dvc.stage.serialize import to_single_stage_lockfile

    if not all(item.hash_info for item in (*stage.deps, *stage.outs)):
        return None
    entry = to_single_stage_lockfile(stage)
    value, key = _get_cache_hash(entry), _get_cache_hash(to_single_stage_lockfile(stage), key=True)
    return f"{key[:2]}/{key}/{value}"


def _is_run(text: str, name: str) -> bool:
    """Whether a run is one, under the name that its content has."""
    from dvc.schema import COMPILED_LOCK_FILE_STAGE_SCHEMA
    from dvc.stage.cache import _get_cache_hash
    from dvc.utils.serialize import YAMLFileCorruptedError, parse_yaml
    from voluptuous import Invalid

    try:
        value = _get_cache_hash(COMPILED_LOCK_FILE_STAGE_SCHEMA(parse_yaml(text, name)))
        key = _get_cache_hash(COMPILED_LOCK_FILE_STAGE_SCHEMA(parse_yaml(text, name)), key=True)
    except (Invalid, YAMLFileCorruptedError, KeyError, TypeError):
        return False
    return f"{key[:2]}/{key}/{value}" == name


def _newest(folder: Path) -> str | None:
    """As DVC chooses among runs of the same inputs."""
    runs = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
    return runs[-1].name if runs else None


class _Unusable(Exception):
    """The remote has not, or not whole, what it should have."""


def _failed(what: str) -> ToolFailed:
    return ToolFailed(
        f"the shared run cache: {what}",
        cause="SLIPWAY_RUN_CACHE names what is out of reach, the credentials are refused, or an upload was cut short",
        next_step="nothing is lost: what cannot be had is computed; check SLIPWAY_RUN_CACHE, or unset it",
    )


@dataclass
class RunCacheTwin:
    """Runs in memory: ``here`` on this machine, ``there`` for everybody."""

    here: dict[str, set[str]] = field(default_factory=dict)
    there: dict[str, set[str]] = field(default_factory=dict)
    reachable: bool = True

    def pull(self, use_case: str) -> tuple[str, ...]:
        return self._move(self.there, self.here, use_case)

    def push(self, use_case: str) -> tuple[str, ...]:
        return self._move(self.here, self.there, use_case)

    def _move(self, source: dict[str, set[str]], target: dict[str, set[str]], use_case: str) -> tuple[str, ...]:
        if not self.reachable:
            raise _failed("it was told not to answer")
        moved = tuple(name for name in SHARED if name in source.get(use_case, ()))
        target.setdefault(use_case, set()).update(moved)
        return moved
