import asyncio
import socket

import pytest

from serving.server.listening import PortTaken, listen, reserve


def test_an_answer_in_two_parts_does_not_wait_for_an_acknowledgement() -> None:
    async def delay_is_off() -> bool:
        accepted: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        listener = listen("127.0.0.1", 0)
        async with await asyncio.start_server(lambda _, writer: accepted.put_nowait(writer), sock=listener):
            _, caller = await asyncio.open_connection(*listener.getsockname())
            ours = await accepted.get()
            off = ours.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            caller.close()
            ours.close()
        return bool(off)

    assert asyncio.run(delay_is_off())


def test_two_cannot_listen_at_one_address() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"127\.0\.0\.1 port {port} cannot be listened on: Address already in use"):
            listen("127.0.0.1", port)


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(PortTaken, match=r"192\.0\.2\.1 port 0"):
        listen("192.0.2.1", 0)


def test_a_reserved_port_takes_no_connection_and_is_shared_only_by_those_who_ask() -> None:
    with reserve("127.0.0.1", 0) as reserved:
        port = reserved.getsockname()[1]
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 5)
        with listen("127.0.0.1", port, shared=True):
            socket.create_connection(("127.0.0.1", port), 5).close()
            with pytest.raises(PortTaken):
                reserve("127.0.0.1", port)
