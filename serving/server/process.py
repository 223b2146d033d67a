"""One process that answers: its sockets, its signals and its end."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn

from serving.endpoint import Endpoint
from serving.server.connection import Connection, Traffic
from serving.server.listening import url_of
from serving.settings import Settings

IDLE_GRACE_SECONDS = 2.0
GRACE_SECONDS = 10.0
_STEP_SECONDS = 0.02

_log = logging.getLogger("serving")


class Server(uvicorn.Server):
    """uvicorn with our connections, that says where it listens and loses no request when it is asked to stop."""

    def __init__(self, endpoint: Endpoint, settings: Settings, listener: socket.socket) -> None:
        self._endpoint = endpoint
        self._listener = listener
        self._traffic = Traffic(
            limits=settings.limits,
            at_once=endpoint.app.at_once,
            open=endpoint.answering.metrics.connections,
            refused=partial(endpoint.answering.metrics.answered, "other", seconds=0.0),
        )
        super().__init__(_config(endpoint.app, settings, self._traffic))
        self._management: Management | None = None

    def with_management(self, listener: socket.socket) -> None:
        """Answer health and metrics on another socket too."""
        self._management = Management(self._endpoint, listener)

    def run_until_stopped(self) -> None:
        """Serve until SIGTERM, SIGINT or ``stop``; then finish what runs."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        self.run(sockets=[self._listener])

    def stop(self) -> None:
        """Ask for the end; safe to call from any thread and any number of times."""
        self._endpoint.answering.service.ready = False
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, say so, and be ready."""
        self._endpoint.answering.log.start()
        if self._management is not None:
            await self._management.start()
        await super().startup(sockets=sockets)
        self._endpoint.answering.service.ready = not self.should_exit
        sys.stdout.write(f"listening on {url_of(self._listener)}\n")
        sys.stdout.flush()

    async def on_tick(self, counter: int) -> bool:
        """Once a second, look whether the keys have changed."""
        if counter % 10 == 0:
            self._endpoint.gate.reread()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what runs and what still comes on open connections, each as its connection's last; then close."""
        await self._take_in_the_last()
        self._traffic.ending = True
        for connection in list(self._traffic.connections):
            connection.end_with_next_answer()
        await self._until(self._all_closed, IDLE_GRACE_SECONDS)
        for connection in [each for each in self._traffic.connections if each.is_idle]:
            connection.shutdown()
        await self._until(self._all_closed, GRACE_SECONDS - IDLE_GRACE_SECONDS)
        for task in self.server_state.tasks:
            task.cancel()
        if self._management is not None:
            await self._management.stop()
        await self.lifespan.shutdown()
        await asyncio.to_thread(self._endpoint.stop, GRACE_SECONDS / 2)
        _log.info("stopped")

    async def _take_in_the_last(self) -> None:
        """Stop listening, and lose nobody whose connection the system has accepted already."""
        loop = asyncio.get_running_loop()
        queue = self._listener.dup()  # the queue lives as long as one of its descriptors
        for server in self.servers:
            server.close()
        waiting = []
        with queue, contextlib.suppress(BlockingIOError):
            while True:
                waiting.append(queue.accept()[0])
        for accepted in waiting:
            accepted.setblocking(False)
            await loop.connect_accepted_socket(self._connection, accepted)
        await asyncio.sleep(_STEP_SECONDS)  # those that asyncio has accepted already are connections by then

    def _connection(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        made: asyncio.Protocol = make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
        return made

    def _all_closed(self) -> bool:
        return not self._traffic.connections

    async def _until(self, reached: Callable[[], bool], seconds: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not reached() and loop.time() < deadline:
            await asyncio.sleep(_STEP_SECONDS)


class Management:
    """Health and metrics on a port of their own, without a key, in the same event loop."""

    def __init__(self, endpoint: Endpoint, listener: socket.socket) -> None:
        self._server = uvicorn.Server(
            uvicorn.Config(endpoint.management, log_config=None, access_log=False, server_header=False, lifespan="off")
        )
        self._listener = listener

    async def start(self) -> None:
        """Begin to answer."""
        self._server.config.load()
        self._server.lifespan = self._server.config.lifespan_class(self._server.config)
        await self._server.startup(sockets=[self._listener])
        self._ticking = asyncio.create_task(self._server.main_loop())

    async def stop(self) -> None:
        """Close at once: nobody's predictions are answered here."""
        self._server.should_exit = True
        await self._ticking
        self._server.config.timeout_graceful_shutdown = 1
        await self._server.shutdown(sockets=[self._listener])


def _config(app: Any, settings: Settings, traffic: Traffic) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=type("BoundedConnection", (Connection,), {"traffic": traffic}),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        proxy_headers=False,
        timeout_keep_alive=settings.limits.keep_alive_seconds,
    )
