"""The suite's own servers end with their test: one that lived on had served the first visitor of the next one."""

from tests.fault_proxy import FaultProxy
from tests.generation.providers.raw_servers import answer, serving


def test_nobody_waits_at_the_door_of_a_server_that_has_ended():
    with serving(lambda connection, request: connection.sendall(answer())) as server, FaultProxy(server.port) as proxy:
        porters = [server.porter, proxy._porter]
        assert all(each.is_alive() for each in porters)

    assert not any(each.is_alive() for each in porters)
