"""Look at the registry and at several environments at once, and say who does not answer."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from slipway.core.errors import SlipwayError

T = TypeVar("T")


def at_once(questions: Mapping[str, Callable[[], T]], *, seconds: float) -> tuple[dict[str, T], dict[str, str]]:
    """Ask all questions at the same time.

    Args:
        seconds: after which whoever has not answered is left behind.

    Returns:
        What was answered, and why some was not, both by name.
    """
    answers: dict[str, T] = {}
    silent: dict[str, str] = {}

    def ask(name: str, question: Callable[[], T]) -> None:
        try:
            answers[name] = question()
        except SlipwayError as error:
            silent[name] = error.what

    threads = {n: threading.Thread(target=ask, args=(n, q), daemon=True) for n, q in questions.items()}
    deadline = time.monotonic() + seconds
    for thread in threads.values():
        thread.start()
    for thread in threads.values():
        thread.join(max(0.0, deadline - time.monotonic()))
    late = dict.fromkeys(questions, f"no answer within {seconds:g} seconds")
    known = dict(answers)
    return known, {name: silent.get(name, why) for name, why in late.items() if name not in known}
