"""Which stages of which use cases a change affects, and why: read off files, without DVC and without importing any."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from slipway.core.errors import NameRefused, UseCaseUnknown
from slipway.core.plan import FOLLOWS, IMAGE, Affected, Plan
from slipway.making.naming import objection
from slipway.report.text import plain, shorten
from slipway.stages.base_commit import base_commit
from slipway.stages.pipeline_file import FILE as PIPELINE
from slipway.stages.pipeline_file import LOCK, Stage, filled, raw_digests, read_stages
from slipway.stages.reach import Reach
from slipway.stages.states import State, differences, read_earlier
from slipway.workspace.sections import FILE as PARAMS
from slipway.workspace.sections import read_text, sections

if TYPE_CHECKING:
    from slipway.ports import VersionControl

MOST_REASONS = 3
IMAGE_SOURCES = ("Dockerfile.serve", ".dockerignore", "serving")

_MADE_OF = ("data/${key}/model", "data/${key}/evaluation.json")
_LONGEST_REASON = 400


@dataclass(frozen=True)
class _Comparison:
    before: State
    now: State
    reach: Reach


def plan(root: Path, vcs: "VersionControl", reference: str, names: Sequence[str]) -> Plan:
    """Compare the working tree with where it left ``reference``; ``names`` are the folders of use cases.

    Where nothing can be compared (a first push, a shallow clone, a force push), every stage is affected.

    Raises:
        ToolFailed: dvc.yaml has another shape than this reads.
        ParamsInvalid: params.yaml does not parse.
        UseCaseUnknown: a use case has a folder and no section of params.yaml, or a section and no folder.
        NameRefused: one has a name that none can have.
    """
    now = _present(root, names)
    base = base_commit(vcs, reference)
    if base.commit is None:
        return _everything(now, base.words)
    changed = vcs.changed_since(base.commit)
    if changed is None:
        return _everything(now, "Git cannot say what changed")
    if LOCK in changed:
        now = replace(now, raw=raw_digests(_text(root / LOCK) or ""))
    earlier = {file: vcs.read(base.commit, file) for file in (PIPELINE, PARAMS, LOCK) if file in changed}
    before, why = read_earlier(now, earlier)
    if before is None:
        return _everything(now, why)
    return _compared(_Comparison(before, now, Reach(root, changed)), base.commit, base.words)


def plan_all(root: Path, names: Sequence[str]) -> Plan:
    """Every stage of every use case, as for a schedule; raises like :func:`plan`."""
    return _everything(_present(root, names), "all use cases were asked for")


def _present(root: Path, names: Sequence[str]) -> State:
    params = read_text(root / PARAMS)
    now = State(read_stages(_text(root / PIPELINE) or ""), sections(params))
    for name in names:
        if name not in now.params:
            raise _half(name, f"a folder src/use_cases/{name} and no section in {PARAMS}", "add its section")
    for name in now.params:
        if name not in names:
            raise _half(_shown(name), f"a section in {PARAMS} and no folder in src/use_cases", "remove its section")
        wrong = objection(name)
        if wrong:
            raise NameRefused(
                f"no use case can be called {_shown(name)!r}: {wrong}",
                cause="a folder of src/use_cases was made or renamed by hand",
                next_step="rename the folder and its section of params.yaml",
            )
    return now


def _half(name: str, what: str, remedy: str) -> UseCaseUnknown:
    return UseCaseUnknown(
        f"the use case {name} has {what}",
        cause="it was added, renamed or removed by halves",
        next_step=f"{remedy}, or remove what is left of it, and run the same command again",
    )


def _everything(now: State, why: str) -> Plan:
    stages = _with_image(now.stages)
    return Plan(tuple(Affected(name, stage.name, (why,)) for name in now.params for stage in stages), words=why)


def _compared(this: _Comparison, base: str, words: str) -> Plan:
    before, now = this.before.params, this.now.params
    affected = tuple(entry for name in now for entry in _affected(this, name))
    return Plan(
        affected,
        added=tuple(name for name in now if name not in before),
        removed=tuple(name for name in before if name not in now and not objection(str(name))),
        base=base,
        words=words,
        silent=_silent(this),
    )


def _silent(this: _Comparison) -> tuple[str, ...]:
    quiet = {PIPELINE} if this.before.stages == this.now.stages else set()
    quiet |= {PARAMS} if this.before.params == this.now.params else set()
    quiet |= {LOCK} if this.before.raw == this.now.raw else set()
    loud = {PIPELINE, PARAMS, LOCK} - quiet
    return tuple(path for path in this.reach.changed if path not in loud and path not in this.reach.heard)


def _affected(this: _Comparison, name: str) -> Iterable[Affected]:
    made_by: dict[str, str] = {}
    for stage in _with_image(this.now.stages):
        reasons = [f"{name} is new"] if name not in this.before.params else _reasons(this, stage, name)
        followed = _followed(filled(stage.deps, name), made_by)
        if followed:
            reasons.append(f"{FOLLOWS}{', '.join(followed)}")
        if reasons:
            made_by |= dict.fromkeys(filled(stage.outs, name), stage.name)
            yield Affected(name, stage.name, tuple(reasons))


def _followed(deps: Iterable[str], made_by: dict[str, str]) -> list[str]:
    stages = (stage for dep in deps for out, stage in made_by.items() if dep == out or dep.startswith(f"{out}/"))
    return list(dict.fromkeys(stages))


def _reasons(this: _Comparison, stage: Stage, name: str) -> list[str]:
    said = differences(this.before, this.now, stage, name)
    files = this.reach.files(stage, name)
    room = max(0, MOST_REASONS - len(said))
    reasons = [*said[:MOST_REASONS], *(file.words() for file in files[:room])]
    more = len(said) + len(files) - len(reasons)
    return [shorten(plain(reason), _LONGEST_REASON) for reason in reasons] + ([f"and {more} more"] if more else [])


def _with_image(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    return (*stages, Stage(IMAGE, (*_MADE_OF, *IMAGE_SOURCES), (), (), {}))


def _shown(name: object) -> str:
    return shorten(plain(str(name)), 60)


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else None
