"""No object is ever loaded from a pickle here; numpy imports ``pickle`` itself, so its absence cannot be the proof."""

import sys


class UnpicklingForbidden(RuntimeError):
    """Something tried to load an object from a pickle."""


def forbid() -> None:
    """Refuse, for the life of the process, every pickle that names a class or a function.

    The interpreter raises the audit event ``pickle.find_class`` for it, in C and in Python (PEP 578); a hook that
    raises stops the load. It cannot be taken out again.
    """
    sys.addaudithook(_refuse_pickles)


def _refuse_pickles(event: str, _: tuple[object, ...]) -> None:
    if event == "pickle.find_class":
        raise UnpicklingForbidden("this process loads no pickles")
