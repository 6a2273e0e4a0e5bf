"""Close the listening socket of a test server."""

import contextlib
import socket
import threading


def stop_listening(listener: socket.socket, accepting: threading.Thread) -> None:
    """Close a listening socket after its accepting thread has ended. If it was closed first, the thread would accept
    on whatever socket gets its number next: that of another test."""
    with contextlib.suppress(OSError):  # outside Linux only closing wakes who waits
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join(10)
    listener.close()
    accepting.join(10)
