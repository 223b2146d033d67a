"""`slipway tune`: are there better parameters?"""

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from slipway.cli.app import Name, app
from slipway.cli.waiting import PATIENCE, say_who_holds
from slipway.core.errors import Interrupted, SlipwayError
from slipway.wiring import Project, open_project
from slipway.workspace.lock import locked

if TYPE_CHECKING:
    from types import FrameType

    from slipway.core.tuning import Trial, Tuning
    from slipway.ports import Search
    from slipway.stages.tune import Bench


@dataclass(frozen=True)
class Order:
    """What a worker is told; each opens project, rows and journal by itself."""

    root: Path
    name: str
    study: str
    trials: int | None
    deadline: float | None


class Stop:
    """Whether to come to an end: asked to, out of time, or left alone by the process that started this one."""

    def __init__(self, deadline: float | None) -> None:
        self.asked = False
        self._deadline = deadline

    def __call__(self) -> bool:
        starter = multiprocessing.parent_process()
        alone = starter is not None and not starter.is_alive()
        return self.asked or alone or (self._deadline is not None and time.time() >= self._deadline)

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """The first Ctrl-C or SIGTERM asks, the next one interrupts at once."""

        def ask(number: int, frame: "FrameType | None") -> None:
            if self.asked:
                raise KeyboardInterrupt
            self.asked = True

        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@app.command()
def tune(  # noqa: PLR0917 - a command line has as many options as it has
    name: Name,
    trials: Annotated[
        int | None,
        typer.Option(min=1, help="How many sets of parameters, earlier runs included.", show_default=False),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.01, help="Begin no more after so many minutes.", show_default=False)
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes that try parameters side by side.")] = 1,
    write: Annotated[bool, typer.Option("--apply", help="Write what is proposed into params.yaml.")] = False,
    summary: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append the report to a file, in Markdown.")
    ] = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for another run of the same use case.")] = PATIENCE,
) -> None:
    """Try other parameters on folds of the training rows, and propose those that are proved better."""
    project = open_project()
    project.use_case(name)
    paths = project.paths(name)
    with locked(paths.tuning_lock, f"slipway tune {name}", patience=wait, waiting=say_who_holds):
        _prepare(project, name, wait)
        bench = _bench(project, name)
        order = _order(bench, project.settings.root, trials, minutes)
        stop = Stop(order.deadline)
        with stop.on_signals():
            tuning = _search(project, bench, order, stop, workers)
            _tell(project, tuning, summary, write=write)
        if stop.asked:
            raise Interrupted(
                f"tuning {name} was stopped; what was done is kept",
                cause="Ctrl-C, or the process was asked to end",
                next_step="run the same command again: it goes on with the next trial",
            )


def _prepare(project: Project, name: str, wait: float) -> None:
    """Trials are made on the rows that training would get now."""
    from slipway.cli.display import own_console
    from slipway.cli.running import sequence_of

    with locked(project.paths(name).run_lock, f"slipway tune {name}", patience=wait, waiting=say_who_holds):
        sequence_of(project, name, own_console()).run_until("prepare")


def _order(bench: "Bench", root: Path, trials: int | None, minutes: float | None) -> Order:
    """Minutes alone, on the command line, mean as many trials as fit."""
    given = bench.params.tune
    minutes_meant = minutes if minutes is not None else given.minutes
    counted = trials if trials is not None else None if minutes is not None else given.trials
    deadline = None if minutes_meant is None else time.time() + 60 * minutes_meant
    return Order(root, bench.use_case.name, bench.study, counted, deadline)


def _bench(project: Project, name: str) -> "Bench":
    from slipway.stages.tune import set_up

    return set_up(project.use_case(name), project.paths(name), project.section(name))


def _open(project: Project, bench: "Bench") -> "Search":
    return project.search(
        bench.folder,
        bench.space,
        bench.present,
        seed=bench.params.tune.seed,
        higher_is_better=bench.measure.higher_is_better,
    )


def _search(project: Project, bench: "Bench", order: Order, stop: Stop, workers: int) -> "Tuning":
    """All trials, here or in processes of their own, and what they show."""
    from slipway.stages.tune import conclude

    search = _open(project, bench)
    try:
        _announce(bench, search, order, workers)
        if workers == 1:
            _work(bench, search, order, stop)
        else:
            _work_together(order, workers)
        return conclude(bench, search)
    finally:
        search.close()


def _announce(bench: "Bench", search: "Search", order: Order, workers: int) -> None:
    budget = "as many trials as fit" if order.trials is None else f"{order.trials} trials"
    done = sum(1 for trial in search.trials() if trial.seconds is not None)
    kept = f", {done} of them done before" if done else ""
    click.echo(
        f"{budget}{kept}, {workers} at a time; {bench.measure.name} on {bench.judged.size:,} training rows "
        f"in {len(bench.folds)} folds; Ctrl-C ends it and keeps what is done"
    )


def _work(bench: "Bench", search: "Search", order: Order, stop: Callable[[], bool]) -> None:
    from slipway.report.tuning import parts_of_line
    from slipway.stages.tune import Effort, work

    def say(trial: "Trial", known: "tuple[Trial, ...]") -> None:
        higher = bench.measure.higher_is_better
        click.echo(parts_of_line(trial, known, bench.measure.name, higher_is_better=higher))

    work(bench, search, Effort(order.trials, stop, say))


def _work_together(order: Order, workers: int) -> None:
    """Workers are spawned, not forked: libraries that compute with threads do not survive a fork.

    Raises:
        SlipwayError: a worker failed; trials of the others are kept.
    """
    context = multiprocessing.get_context("spawn")
    answers = context.SimpleQueue()
    hands = [context.Process(target=work_alone, args=(order, answers), name=f"worker {n}") for n in range(workers)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    if not answers.empty():
        raise answers.get()
    lost = [hand for hand in hands if hand.exitcode]
    if len(lost) == len(hands):
        raise SlipwayError(
            f"all {len(hands)} workers ended with {', '.join(str(hand.exitcode) for hand in lost)}",
            cause="they were killed, perhaps for memory",
            next_step="run the same command again with fewer --workers: finished trials are kept",
        )


def work_alone(order: Order, answers: "multiprocessing.SimpleQueue[SlipwayError]") -> None:
    """One worker, in a process of its own."""
    stop = Stop(order.deadline)
    try:
        with stop.on_signals():
            project = open_project(start=order.root)
            bench = _bench(project, order.name)
            if bench.study != order.study:
                raise SlipwayError(
                    "a worker found other rows or params than the command that started it",
                    cause="they were changed meanwhile",
                    next_step="run the same command again",
                )
            search = _open(project, bench)
            try:
                _work(bench, search, order, stop)
            finally:
                search.close()
    except SlipwayError as error:
        answers.put(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(Interrupted.exit_code)


def _tell(project: Project, tuning: "Tuning", summary: Path | None, *, write: bool) -> None:
    """Report and proposal first, MLflow last: whether it answers decides nothing."""
    from slipway.cli.refreshing import append
    from slipway.report.text import paragraphs
    from slipway.report.tuning import tuning_report, verdict
    from slipway.stages.propose import apply, proposed
    from slipway.workspace.files import write_document, write_text

    paths = project.paths(tuning.use_case)
    change = proposed(project.settings.root, tuning, project.section(tuning.use_case).train)
    diff = f"```diff\n{change.diff}```\n" if change.diff else ""
    report = paragraphs(tuning_report(tuning).rstrip("\n"), diff.rstrip("\n")) + "\n"
    write_document(paths.tuning / tuning.study[:12] / "tuning.json", tuning)
    write_text(paths.tuning_report, report)
    if summary is not None:
        append(summary, report)
    click.echo(verdict(tuning).replace("**", ""))
    click.echo(change.diff, nl=False)
    click.echo(f"report: {paths.tuning_report.relative_to(project.settings.root)}")
    if write:
        apply(project.settings.root, change)
        click.echo("params.yaml was changed" if change.diff else "params.yaml stays as it is")
    elif change.diff:
        click.echo(f"to take it over: slipway tune {tuning.use_case} --apply")
    project.trial_log.record(tuning)
