"""A server of a test that ends for good."""

import contextlib
import socket
import threading


def stop_listening(door: socket.socket, porter: threading.Thread) -> None:
    """``porter`` waits for visitors at ``door``. Were it closed under the porter, it would go on waiting at whatever
    socket gets its number next, and receive the first visitor of another test's server."""
    with contextlib.suppress(OSError):  # outside Linux only closing wakes who waits
        door.shutdown(socket.SHUT_RDWR)
        porter.join(10)
    door.close()
    porter.join(10)
