"""Every way to a prediction passes here: rows are counted, predicted, logged and measured in one place."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from serving.exchange import Exchange
from serving.inputs.decoding import Request
from serving.inputs.problems import RequestRefused, hold
from serving.model.service import Service
from serving.model.tasks import Said
from serving.prediction_log.log import NoLog, PredictionLog
from serving.telemetry.metrics import Metrics

WORTH_A_THREAD = 128


@dataclass(frozen=True)
class Answering:
    """A service with its log, its metrics and its limit of rows.

    Attributes:
        thread: where requests of many rows are predicted, so that those of one row need not wait for them.
        clock: what the log takes for the present, seconds since 1970 in UTC.
    """

    service: Service
    log: PredictionLog | NoLog
    metrics: Metrics
    most_rows: int
    seconds: float
    thread: ThreadPoolExecutor
    clock: Callable[[], float] = time.time

    async def predict(self, request: Request, exchange: Exchange) -> list[Said]:
        """What the model says of a request's rows.

        Raises:
            TooManyRows: there are more than ``most_rows``.
            TimeoutError: it took longer than ``seconds``.
            PredictionFailed: the model gave something that is not a finite number.
        """
        hold(len(request.rows), self.most_rows)
        if len(request.rows) < WORTH_A_THREAD:
            return self.predict_now(request, exchange)
        async with asyncio.timeout(self.seconds):
            in_thread = asyncio.get_running_loop().run_in_executor(self.thread, self.service.predict, request.rows)
            return self._noted(request, exchange, await in_thread)

    def predict_now(self, request: Request, exchange: Exchange) -> list[Said]:
        """The same, without letting anything else run meanwhile: for few rows."""
        hold(len(request.rows), self.most_rows)
        return self._noted(request, exchange, self.service.predict(request.rows))

    def refused(self, refusal: RequestRefused, exchange: Exchange) -> None:
        """Take note of a request that did not fit the model's inputs."""
        self.metrics.refused(refusal.problems)
        problems = [problem.model_dump() for problem in refusal.problems]
        self.log.refused(exchange.request_id, exchange.at, problems, route=exchange.route, trace=exchange.trace)

    def _noted(self, request: Request, exchange: Exchange, said: list[Said]) -> list[Said]:
        self.metrics.predicted(said)
        self.log.prediction(
            exchange.request_id,
            exchange.at,
            request.rows,
            said,
            seconds=exchange.seconds,
            route=exchange.route,
            trace=exchange.trace,
        )
        return said
