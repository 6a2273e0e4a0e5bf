"""Close the sockets of test servers."""

import contextlib
import socket
import threading


def stop_listening(listener: socket.socket, accepting: threading.Thread) -> None:
    """Close a listening socket after its accepting thread has ended.

    If the socket were closed first, the thread could accept on another test's socket with the same number.
    """
    with contextlib.suppress(OSError):  # outside Linux only closing wakes the thread
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join(10)
    listener.close()
    accepting.join(10)
