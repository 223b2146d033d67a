import signal

import pytest


@pytest.fixture(autouse=True, scope="session")
def _ctrl_c_reaches_what_we_start() -> None:
    """A shell starts background jobs with Ctrl-C ignored, and programs hand that on to their children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
