"""What stages need of the outside. Each has a real adapter and an in-memory twin in ``slipway.adapters``."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from slipway.core.answer import Answer
from slipway.core.canary import Canary, PodState, Timed
from slipway.core.claim import Claim
from slipway.core.deployment import Deployment, Place
from slipway.core.expectation import Expectation, Validation
from slipway.core.image import Base, Built, Reply
from slipway.core.job import Checked, JobState
from slipway.core.log_file import LogFile
from slipway.core.record import Record
from slipway.core.release import Release
from slipway.core.release_thread import Announcement
from slipway.core.seen import Seen
from slipway.core.stage_result import StageResult
from slipway.core.tuning import Trial, Tuning
from slipway.core.version import Version
from slipway.core.watch import Watch

if TYPE_CHECKING:
    import pandas as pd


class Validator(Protocol):
    """Holds a table to a suite of expectations."""

    def validate(
        self, frame: "pd.DataFrame", expectations: Sequence[Expectation], *, use_case: str, data_digest: str, docs: Path
    ) -> Validation:
        """Check every expectation; write HTML documentation into the folder ``docs``.

        A breach is a result, not an exception.
        """
        ...


class Registry(Protocol):
    """Registered versions and their aliases. Every method may raise RegistryUnreachable."""

    def versions(self, use_case: str) -> tuple[Version, ...]:
        """All versions, oldest first; empty when the model is not known."""
        ...

    def aliased(self, use_case: str, alias: str) -> Version | None:
        """The version that carries an alias."""
        ...

    def register(self, record: Record, bundle: Path, extras: Sequence[Path]) -> Version:
        """Register a bundle with its record, or return the version that has this record's digest already.

        Sets the alias "candidate" on it. ``extras`` (report, validation, what a live model is compared with) are logged
        as artifacts; those that a version lacks which is there already are added. Killed half-way and run again, it
        converges on exactly one version.
        """
        ...

    def promote(self, use_case: str, number: int, *, expected_champion: int | None) -> None:
        """Move "champion" to a version and remember the one before, which is superseded.

        Raises ChampionMoved when the champion is not ``expected_champion``. Doing it twice is doing it once.
        """
        ...

    def set_alias(self, use_case: str, alias: str, number: int) -> None:
        """Point an alias at a version; the version that loses "champion" this way is withdrawn."""
        ...

    def set_release(self, use_case: str, number: int, release: Release) -> None:
        """Note the image a version was pushed as, instead of any other noted before."""
        ...

    def previous_champion(self, use_case: str) -> int | None:
        """The version that was champion before the present one was promoted; None when there is none to go back to."""
        ...

    def fetch_bundle(self, use_case: str, number: int, into: Path) -> Path:
        """Download a version's bundle to a new folder ``into``; raises BundleInvalid when it is not whole."""
        ...

    def fetch_reference(self, use_case: str, number: int, into: Path) -> Path:
        """Download what a live version is compared with, reference.parquet and importances.json, to a new folder.

        Raises ReferenceMissing when it was registered without.
        """
        ...


class Search(Protocol):
    """Proposes parameters and keeps what became of them, for any number of processes, however they end.

    The first trial is that of the present parameters. Every method may raise ToolFailed or WriteFailed.
    """

    def take(self, budget: int | None) -> Trial | None:
        """The next trial for this process; None while as many as ``budget`` are at work or ended.

        Trials that were given back come first, and so do those whose process died.
        """
        ...

    def is_busy(self) -> bool:
        """Whether trials are at work, which may be given back."""
        ...

    def step(self, number: int, step: int, value: float) -> bool:
        """Note the metric over the folds so far, the first with step 0; whether the trial should be pruned.

        It falls behind half of the ended trials at the same step; the present parameters are never pruned.
        """
        ...

    def complete(self, number: int, value: float, seconds: float) -> None:
        """Note a trial that saw all folds."""
        ...

    def prune(self, number: int, seconds: float) -> None:
        """Note a trial that was stopped because it fell behind."""
        ...

    def fail(self, number: int, problem: str, seconds: float) -> None:
        """Note a trial whose parameters cannot be trained with; it counts, and is not tried again."""
        ...

    def give_back(self, number: int) -> None:
        """Let another, or a later run, begin this trial anew, under another number; this one counts for nothing."""
        ...

    def trials(self) -> tuple[Trial, ...]:
        """Every trial that is at work or ended, by number; none that was given back."""
        ...

    def importances(self) -> dict[str, float]:
        """Share of the metric's variance that each parameter explains; empty where trials do not differ."""
        ...

    def close(self) -> None:
        """Trials that this process still has are given back when somebody next takes one."""
        ...


class PredictionLog(Protocol):
    """What endpoints wrote down. Every method may raise LogUnavailable; no message holds a credential."""

    def files(self) -> tuple[LogFile, ...]:
        """All files, in order of their names; none where nothing was logged yet. One under way is among them."""
        ...

    def pieces(self, name: str) -> Iterator[bytes]:
        """A file's bytes, a little at a time; one that was under way is found under its final name too."""
        ...


class DriftReport(Protocol):
    """Draws what a live model was asked beside what it was made with, for people."""

    def draw(
        self,
        reference: "pd.DataFrame",
        current: "pd.DataFrame",
        path: Path,
        *,
        columns: Sequence[str],
        told: str,
    ) -> None:
        """Write a page that needs no network; raises ToolFailed.

        Args:
            columns: which are drawn; those without any value on one side are named instead.
            told: what the page says of itself.
        """
        ...


class Watches(Protocol):
    """Looks at live models, kept where every machine sees them. Every method may raise RegistryUnreachable."""

    def keep(self, watch: Watch) -> None:
        """Keep a look; kept again (the same version, span and moment), it is kept once."""
        ...

    def latest(self, use_case: str, count: int) -> tuple[Watch, ...]:
        """The last ones by ``made_at``, the newest first."""
        ...


class TrialLog(Protocol):
    """Where trials are kept for people to look through."""

    def record(self, tuning: Tuning) -> None:
        """Keep every ended trial below one entry for the study; recorded again, only what is new is added.

        May raise RegistryUnreachable or WriteFailed.
        """
        ...


class Pipeline(Protocol):
    """The cached stages over files. Every method may raise ToolFailed, or LockHeld when another run is at work."""

    def settle_raw(self, use_case: str) -> str | None:
        """Make sure the raw table is the one that counts; says in words what had to be done, if anything.

        Absent but named by the lock file: it is brought from the remote. Changed by hand: it is taken as it is.
        Raises DataMissing when the remote has it not, or damaged.
        """
        ...

    def reproduce(self, stage: str, use_case: str, *, force: bool = False) -> bool:
        """Run one stage unless its outputs are there and belong to its inputs.

        Returns whether anything was done. Raises StageFailed with the exit code of a stage that failed.
        """
        ...

    def kept_raw(self, use_case: str, digest: str) -> Path:
        """A raw table of any commit, by the MD5 in its lock file: brought from the remote where it is not here.

        The file is the cache's own, not to be written to. Raises DataMissing when nobody has it whole.
        """
        ...

    def hold(self, use_case: str) -> None:
        """Note the raw table and what is said of this use case's data, to be able to go back to it."""
        ...

    def go_back(self, use_case: str) -> bool:
        """Make both what they were when they were held, and forget that; False when nothing is held."""
        ...

    def let_go(self, use_case: str) -> None:
        """Forget what is held."""
        ...

    def settle_kept(self, use_case: str) -> bool:
        """Bring what the use case's source keeps, where it is noted and not here; says whether anything was brought.

        What is here is left alone: it may be newer. Raises ToolFailed when the remote does not give it.
        """
        ...

    def push_raw(self, use_case: str) -> None:
        """Bring the raw table, and what the source keeps, to the remote; raises ToolFailed when it does not take it.

        What is kept is noted in ``kept.dvc`` beside it, for a commit.
        """
        ...


class RunCache(Protocol):
    """What stages left, shared with other machines. Both raise ToolFailed for a cache out of reach or damaged."""

    def pull(self, use_case: str) -> tuple[str, ...]:
        """Bring what others computed with the inputs that are here; returns the stages that will not have to run.

        Nothing below ``data/`` changes, and nothing damaged is taken.
        """
        ...

    def push(self, use_case: str) -> tuple[str, ...]:
        """Share what was computed here, for this use case alone; returns the stages."""
        ...


class Notifier(Protocol):
    """Tells people. It never raises: a message that cannot be delivered is reported in the log."""

    def notify(self, result: StageResult) -> None:
        """Deliver one stage's result; delivered again, it takes the place of the one before."""
        ...

    def announce(self, announcement: Announcement) -> None:
        """Tell that a release starts; told again, it takes the place of the announcement before."""
        ...


class VersionControl(Protocol):
    """The repository around us; answers "unknown" and None where there is none."""

    def commit(self) -> str:
        """The full hash of HEAD, or "unknown"."""
        ...

    def branch(self) -> str:
        """The branch checked out, or "unknown"."""
        ...

    def is_dirty(self) -> bool:
        """Whether tracked files differ from HEAD, apart from those that a run writes: dvc.lock and metrics.json."""
        ...

    def read(self, reference: str, path: str) -> str | None:
        """A file's text at a commit, or None where either is not there."""
        ...

    def changed_since(self, reference: str) -> tuple[str, ...] | None:
        """Paths that differ between a commit and the working tree, untracked files included; None when not known."""
        ...

    def commit_of(self, reference: str) -> str | None:
        """The full hash of the commit that a name or a hash stands for, or None where it is not here."""
        ...

    def merge_base(self, reference: str) -> str | None:
        """The full hash of the newest commit that HEAD and a commit both come from, or None where none is known."""
        ...

    def is_dropped(self, reference: str) -> bool:
        """Whether a commit that is here is in no branch any more, nor in HEAD: somebody rewrote history over it."""
        ...

    def is_shallow(self) -> bool:
        """Whether history ends early here, as in a clone with a depth."""
        ...

    def tracked(self) -> tuple[str, ...] | None:
        """Paths of the tracked files that are here, as they are here; None where there is no repository."""
        ...

    def graft(self, copy: Path, also: str) -> None:
        """Make a copy of the tracked files a repository on our commit and branch, which also knows a reference.

        It has no history. What differs from the commit here differs there. No remote is named in it. Raises ToolFailed.
        """
        ...


class Probes(Protocol):
    """What is asked of the machine. No answer holds a secret that it was given, and every answer comes in seconds."""

    def python(self) -> tuple[int, int, int]:
        """The version of the interpreter that runs us."""
        ...

    def run(self, command: Sequence[str], *, folder: Path) -> Answer | None:
        """Run a program; the answer is its first line. None where it is not on the PATH."""
        ...

    def read(self, path: Path) -> str | None:
        """A text file, or None where there is none."""
        ...

    def installed(self) -> Mapping[str, str]:
        """Installed distributions: normalised name to version."""
        ...

    def free_bytes(self, folder: Path) -> int:
        """Free space on the disk that holds ``folder``."""
        ...

    def write(self, folder: Path) -> Answer:
        """Try to write a file into ``folder``, which is made if need be, and remove it again."""
        ...

    def slack(self, token: str) -> Answer:
        """Whose token it is, as Slack says."""
        ...

    def github(self, token: str) -> Answer:
        """Whether GitHub accepts the token."""
        ...


class Endpoint(Protocol):
    """A running endpoint."""

    @property
    def url(self) -> str:
        """Where it listens, such as ``http://127.0.0.1:8080``."""
        ...

    def post(self, path: str, body: str) -> str:
        """Send JSON, return the JSON answered; raises EndpointFailed for anything but an answer of status 200."""
        ...

    def wait(self) -> None:
        """Return never while it runs; raises EndpointFailed when it ends by itself."""
        ...


class Container(Protocol):
    """An image at work: not root, without privileges, unable to write to its own files."""

    def uid(self) -> int:
        """The user its first process runs as."""
        ...

    def ask(self, path: str, body: str, *, key: str | None = None) -> Reply:
        """Send JSON, with an API key or without; raises EndpointFailed when nothing answers."""
        ...

    def age(self) -> float:
        """Seconds since it was started."""
        ...

    def time(self, path: str, body: str, *, key: str, repeat: int) -> tuple[float, ...]:
        """Send the same JSON again and again over one connection, from inside; milliseconds of each answer.

        Raises EndpointFailed when one is answered with another status than 200.
        """
        ...

    def memory(self) -> float | None:
        """Megabytes (10^6 bytes) that its processes hold, what they share counted once; None where nobody can tell."""
        ...


class Images(Protocol):
    """An engine that builds, runs and pushes images. Every method may raise EngineUnreachable.

    ``say`` is called with a line of progress. No message holds what `docker login` keeps.
    """

    def base(self, name: str, say: Callable[[str], None]) -> Base:
        """Find an image to build on, fetching it where it is not there; raises ImageNotBuilt when nobody has it."""
        ...

    def build(
        self,
        context: Path,
        *,
        tags: Sequence[str],
        arguments: Mapping[str, str],
        say: Callable[[str], None],
        dockerfile: str = "Dockerfile.serve",
    ) -> Built:
        """Build a Dockerfile of ``context``; raises ImageNotBuilt with the engine's last lines."""
        ...

    def start(self, image: str, keys: str) -> AbstractContextManager[Container]:
        """Run an image until the block is left, with ``keys`` as the content of its key file.

        Entering waits until it is ready; raises BundleInvalid or EndpointFailed when it does not come up.
        """
        ...

    def push(self, tag: str, say: Callable[[str], None]) -> str:
        """Push a tag; returns the digest of its manifest in the registry.

        A registry that falters is asked again a few times; raises ImageNotPushed when it will not take it.
        """
        ...

    def holds(self, reference: str) -> bool:
        """Whether a registry has the image of a reference with a digest; raises ImageNotPushed when it does not say."""
        ...


class Cluster(Protocol):
    """Where endpoints run. Every method may raise ClusterUnreachable, or DeployRefused when the account may not."""

    def deployed(self, place: Place) -> Deployment | None:
        """What is at a place, whoever put it there; None when nothing is."""
        ...

    def preview(self, wanted: Deployment) -> tuple[str, ...]:
        """Try ``wanted`` without changing anything; returns the lines that would differ, none when nothing would.

        Raises DeployRefused when the cluster would not take it.
        """
        ...

    def apply(self, wanted: Deployment) -> None:
        """Make ``wanted`` what is to run; the replacing of pods only begins with that."""
        ...

    def wait(self, place: Place, *, seconds: float, say: Callable[[str], None]) -> None:
        """Wait until every pod is a new one and ready, telling how far it is.

        Raises RolloutFailed after ``seconds``, or before when it will hardly go on; its cause tells what pods, events
        and logs say.
        """
        ...

    def undo(self, place: Place, template: str) -> bool:
        """Begin to bring back the pods of a description, as they were; False when it is not remembered."""
        ...

    def note(self, deployment: Deployment) -> None:
        """Write a release's state down; no pod is replaced for it."""
        ...

    def pods(self, place: Place) -> tuple[str, ...]:
        """Names of the ready pods of what was applied last."""
        ...

    def forward(self, place: Place, pod: str, *, key: str) -> AbstractContextManager[Endpoint]:
        """A pod as an endpoint on this machine, until the block is left, asked with an API key.

        Entering may raise EndpointFailed.
        """
        ...


class Environments(Protocol):
    """Environments of a cluster as a whole, and who is at work in them.

    Every method may raise ClusterUnreachable, or DeployRefused when the account may not.
    """

    def look(self, environment: str, use_cases: Sequence[str]) -> tuple[Seen, ...]:
        """What is there of each use case, in their order; one question, answered within seconds or not at all."""
        ...

    def claim(self, place: Place) -> Claim:
        """Who is at work at a place; an empty claim, without a mark, where nobody ever was."""
        ...

    def write(self, place: Place, claim: Claim) -> Claim | None:
        """Write a claim that was read before, and changed; returns it with its new mark.

        None, and nothing is written, when another wrote since: of two that write at once one succeeds.
        """
        ...


class Reached(Protocol):
    """A pod, asked over one connection."""

    def ask(self, body: str) -> Timed:
        """Send JSON to /predict; status 0 when nothing answers."""
        ...

    def metrics(self) -> str:
        """What it counted, in Prometheus' text format; raises EndpointFailed when it does not say."""
        ...


class Canaries(Protocol):
    """Pods of a new release beside those that serve, which no method touches.

    Every method may raise ClusterUnreachable, or DeployRefused when the account may not.
    """

    def standing(self, place: Place) -> Canary | None:
        """What stands there, whoever put it there; None when nothing does."""
        ...

    def stand(self, canary: Canary) -> None:
        """Make it what stands there; pods only begin to come up with that."""
        ...

    def pods(self, place: Place) -> tuple[PodState, ...]:
        """The canary's pods of what was told last, those that are about to go left out."""
        ...

    def stable(self, place: Place) -> tuple[PodState, ...]:
        """The pods that serve."""
        ...

    def why(self, place: Place) -> tuple[str, ...]:
        """What events and the last lines of the log say of the canary's pods that are in trouble."""
        ...

    def remove(self, place: Place) -> None:
        """Take the canary away: from the Service at once, its pods soon after. Nothing happens where there is none."""
        ...

    def reach(self, place: Place, pod: str, *, key: str) -> AbstractContextManager[Reached]:
        """A pod of either kind, until the block is left; entering may raise EndpointFailed."""
        ...


class Jobs(Protocol):
    """Where trainings run to their end. Every method may raise ClusterUnreachable, or JobRefused where it may not."""

    def check(self, namespace: str, manifest: Mapping[str, Any]) -> Checked:
        """All that is against a manifest of a Job or of a schedule, without changing anything."""
        ...

    def state(self, namespace: str, name: str) -> JobState | None:
        """How far a Job is; None when there is none of that name."""
        ...

    def submit(self, namespace: str, manifest: Mapping[str, Any]) -> None:
        """Hand it over: a Job must not be there yet, a schedule takes the place of one that is."""
        ...

    def delete(self, namespace: str, name: str) -> None:
        """Take a Job and its pods away, which have gone on return; nothing happens where there is none."""
        ...

    def follow(self, namespace: str, name: str, say: Callable[[str], None]) -> JobState | None:
        """Wait for a Job's end, handing on what it tells meanwhile, each line once.

        Also returns when it will hardly go on: a fault of its pod lasts. None when somebody deleted it meanwhile.
        """
        ...

    def last_lines(self, namespace: str, state: JobState) -> tuple[str, ...]:
        """What the container that began last said last; none where nobody knows any more."""
        ...


class PullRequests(Protocol):
    """The pull requests of one repository. Every method may raise GitHubUnavailable or GitHubRefused.

    No message holds the token.
    """

    def report(self, number: int, body: str) -> str:
        """Make ``body``, which begins with our marker, the one comment of ours; returns its address.

        Only a comment of our own user or of a bot is taken for ours: whoever else writes the marker changes nothing.
        """
        ...

    def with_head(self, sha: str, *, repository: str, branch: str) -> tuple[int, ...]:
        """Open pull requests whose head is this very commit, on a branch of a repository such as a fork."""
        ...

    def artifact(self, run: int, name: str, *, at_most: int) -> bytes | None:
        """The newest archive of a name that a run uploaded, None where there is none; ReportRefused if larger."""
        ...


class RepositorySettings(Protocol):
    """How a repository is set up, by names only. Every method may raise GitHubUnavailable or GitHubRefused."""

    def default_branch(self) -> str:
        """The branch that pull requests go to."""
        ...

    def secrets(self, environment: str | None = None) -> frozenset[str]:
        """Names of the secrets that every job may use, or of those that only jobs of an environment may."""
        ...

    def variables(self) -> frozenset[str]:
        """Names of the variables that workflows may use."""
        ...

    def may_open_pull_requests(self) -> bool:
        """Whether workflows may open pull requests."""
        ...

    def environments(self) -> Mapping[str, bool]:
        """Name of an environment to whether somebody has to approve what is deployed to it."""
        ...

    def required_checks(self, branch: str) -> frozenset[str]:
        """Names of the checks that have to be green before a merge, whether by a ruleset or by protection."""
        ...
