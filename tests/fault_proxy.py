"""A TCP proxy that breaks on demand, for PostgreSQL or any other server."""

import contextlib
import socket
import struct
import threading

from tests.sockets import stop_listening


class FaultProxy:
    """``with FaultProxy(port) as proxy:`` passes connections on. ``cut()`` resets them until ``mend()``."""

    def __init__(self, upstream: int):
        self.upstream, self.is_cut = upstream, False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._receive, daemon=True)

    def __enter__(self):
        self._accepting.start()
        return self

    def __exit__(self, *trouble):
        stop_listening(self._listener, self._accepting)
        self.cut()

    def cut(self) -> None:
        with self._lock:
            self.is_cut = True
            connections, self._open = self._open, set()
        for peer in connections:
            _reset(peer)

    def mend(self) -> None:
        self.is_cut = False

    def _receive(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self.upstream), timeout=60)
        except OSError:
            return _reset(client)
        server.settimeout(None)
        with self._lock:
            is_cut = self.is_cut
            if not is_cut:
                self._open |= {client, server}
        if is_cut:
            _reset(server)
            return _reset(client)
        threading.Thread(target=self._pump, args=(server, client), daemon=True).start()
        return self._pump(client, server)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with self._lock:
            self._open -= {source, target}
        for peer in (source, target):
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
            peer.close()


def _reset(peer: socket.socket) -> None:
    with contextlib.suppress(OSError):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.shutdown(socket.SHUT_RDWR)
    peer.close()
