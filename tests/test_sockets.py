"""Test servers end with their test."""

from tests.fault_proxy import FaultProxy
from tests.generation.providers.raw_servers import answer, serving


def test_a_server_that_ended_no_longer_accepts():
    with serving(lambda connection, request: connection.sendall(answer())) as server, FaultProxy(server.port) as proxy:
        threads = [server.thread, proxy._accepting]
        assert all(thread.is_alive() for thread in threads)

    assert not any(thread.is_alive() for thread in threads)
