import os
import signal
import time

import pytest

from slipway.cli.tuning import Stop


def test_time_that_is_over_stops_and_time_that_is_left_does_not() -> None:
    assert Stop(time.time() - 1)()
    assert not Stop(time.time() + 1000)()
    assert not Stop(None)()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_and_the_second_interrupts(number: signal.Signals) -> None:
    stop = Stop(None)
    before = signal.getsignal(number)
    with stop.on_signals():
        os.kill(os.getpid(), number)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before
