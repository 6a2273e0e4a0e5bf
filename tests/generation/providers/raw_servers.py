"""Servers that misbehave on purpose, and a fake internet in which one public address is this machine."""

import _socket
import datetime
import ipaddress
import socket
import ssl
import struct
import threading
from contextlib import contextmanager, suppress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.sockets import stop_listening

PUBLIC = "93.184.216.34"
NAMES = {
    "public.test": [PUBLIC],
    "other.test": [PUBLIC],
    "internal.test": ["127.0.0.1"],
    "metadata.test": ["169.254.169.254"],
    "multi.test": [PUBLIC, "127.0.0.1"],
    "multi-inside-first.test": ["127.0.0.1", PUBLIC],
    "localhost": ["127.0.0.1"],
}


class RawServer:
    """Serves connections with ``act(connection, request)`` and keeps the requests."""

    def __init__(self, act, context: ssl.SSLContext | None = None):
        self.act, self.context, self.requests, self.connections = act, context, [], 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection):
        with suppress(OSError):
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            request = read_request(connection)
            if request:
                self.requests.append(request)
            self.act(connection, request)
        with suppress(OSError):
            connection.close()

    def close(self):
        stop_listening(self.socket, self.thread)


@contextmanager
def serving(act, context=None):
    server = RawServer(act, context)
    try:
        yield server
    finally:
        server.close()


def read_request(connection) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        if not (piece := connection.recv(65536)):
            return received
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        if not (piece := connection.recv(65536)):
            break
        body += piece
    return head + b"\r\n\r\n" + body


def reset_connection(connection) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def answer(body: bytes = b"{}", status="200 OK", **headers) -> bytes:
    fields = {"Content-Length": str(len(body)), "Connection": "close"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


class FakeInternet:
    """Routes PUBLIC to ``port`` of this machine, records every connection attempt and refuses the others."""

    def __init__(self, port: int):
        self.port, self.attempts, self.answers = port, [], dict(NAMES)
        self.rebind_lookups = 0

    def getaddrinfo(self, host, port, *rest, **more):
        host = host.decode() if isinstance(host, bytes) else host
        if host == "rebind.test":
            self.rebind_lookups += 1
            found = [PUBLIC] if self.rebind_lookups == 1 else ["127.0.0.1"]
        else:
            found = self.answers.get(host)
        if found is None:  # spellings of addresses; unknown names raise gaierror
            return _socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (item, port or 0)) for item in found]

    def connect(self, sock, address):
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            self.attempts.append(address[0])
            if address[0] == PUBLIC:
                return _socket.socket.connect(sock, ("127.0.0.1", self.port))
            raise ConnectionRefusedError
        return _socket.socket.connect(sock, address)

    @property
    def private_attempts(self) -> list[str]:
        return [attempt for attempt in self.attempts if not ipaddress.ip_address(attempt.partition("%")[0]).is_global]


def create_certificate(folder):
    """Return a TLS context for a server at 127.0.0.1, and the certificate file for its clients."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "cert.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file = folder / "key.pem"
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key_file)
    return context, str(pem)
