"""How a run looks in a terminal."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from slipway.stages.sequence import Step


def own_console() -> Console:
    """A console that keeps writing to the terminal while a stage's output is sent to its log."""
    return Console(file=os.fdopen(os.dup(sys.stdout.fileno()), "w"), highlight=False)


class RunDisplay:
    """One line a finished stage; a spinner with the time for the one at work."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def stage(self, name: str) -> Iterator[Step]:
        started, step = time.monotonic(), Step(name)
        with self._spinner(name):
            try:
                yield step
            except BaseException:
                self._line("[red]✗[/]", step, time.monotonic() - started)
                raise
        self._line("[green]✓[/]" if step.ran else "[dim]·[/]", step, time.monotonic() - started)

    def _spinner(self, name: str) -> AbstractContextManager[object]:
        if not self._console.is_terminal:
            return nullcontext()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        progress = Progress(*columns, console=self._console, transient=True)
        progress.add_task(f"{name} …")
        return progress

    def _line(self, mark: str, step: Step, seconds: float) -> None:
        took = f"{seconds:5.1f} s" if step.ran else "  as is"
        self._console.print(f"{mark} {step.name:<11}[dim]{took}[/]  {escape(step.found)}", soft_wrap=True)
