"""Restrict every interpreter that runs an SDK to connections on this machine."""

import socket

_connect = socket.socket.connect


def _only_loopback(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6) and not address[0].startswith(("127.", "::1", "localhost")):
        raise RuntimeError(f"an SDK tried to reach {address[0]}")
    return _connect(self, address)


socket.socket.connect = _only_loopback
