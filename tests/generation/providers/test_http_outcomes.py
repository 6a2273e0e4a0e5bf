"""Failed requests: a request may be repeated only if nothing was sent, and every transfer is limited."""

import gzip
import socket
import threading
import time
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.utils import timezone

from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError
from generation.providers.http import client, download_speed, transport
from generation.providers.http.client import Answer, HttpClient, fetch_file
from tests.generation.providers.raw_servers import answer, create_certificate, reset_connection, serving
from tests.processes import until

KEY = "a-very-secret-key-0123456789"
HEADERS = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(autouse=True)
def provider_settings(settings):
    settings.PROVIDER_SECONDS = 20
    settings.PROVIDER_PRIVATE_HOSTS = []
    client._sessions.__dict__.clear()
    yield
    client._sessions.__dict__.clear()


@pytest.fixture
def connect_to():
    """``connect_to(server)`` returns a client that may call this private server."""
    return lambda server, scheme="http": HttpClient(f"{scheme}://127.0.0.1:{server.port}", HEADERS, allows_private=True)


def download(server, path, **more):
    host = f"127.0.0.1:{server.port}"
    return fetch_file(f"http://{host}/film", path, private_hosts=[host], progress=lambda done, total: None, **more)


def send(content: bytes):
    return lambda connection, request: connection.sendall(content)


def drip(head: bytes, drop=b"x", pause=0.1):
    """Return an ``act`` that sends a byte at a time without end."""

    def act(connection, request):
        connection.sendall(head)
        while True:
            connection.sendall(drop)
            time.sleep(pause)

    return act


def test_refused_connection_sends_nothing():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(NotSent):
        HttpClient(f"http://127.0.0.1:{port}", HEADERS, allows_private=True).post("x", json={})


def test_connection_timeout_sends_nothing(monkeypatch):
    def connect(sock, address):
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(NotSent):
        HttpClient("http://127.0.0.1:1", HEADERS, allows_private=True).post("x", json={})


def test_request_past_its_deadline_after_connecting_is_not_sent(connect_to, monkeypatch):
    """Another worker may have taken over and sent it."""
    connect = socket.socket.connect

    def connect_late(sock, address):
        connect(sock, address)
        transport.exchange.deadline = time.monotonic() - 1

    monkeypatch.setattr(socket.socket, "connect", connect_late)
    with serving(send(answer())) as server:
        with pytest.raises(NotSent):
            connect_to(server).post("x", json={})
        assert server.requests == []


def test_unknown_host_name_sends_nothing(monkeypatch):
    def fail_lookup(*args, **more):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail_lookup)
    for allows_private in (True, False):
        with pytest.raises(NotSent):
            HttpClient("https://nobody.test", HEADERS, allows_private).post("x", json={})


def test_tls_handshake_without_an_answer_sends_nothing(connect_to, settings):
    settings.PROVIDER_SECONDS = 1
    with serving(send(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as plain, pytest.raises(NotSent):
        connect_to(plain, "https").post("x", json={})


def test_untrusted_certificate_sends_nothing(connect_to, tmp_path):
    context, _pem = create_certificate(tmp_path)
    with serving(send(answer()), context) as server:
        with pytest.raises(NotSent):
            connect_to(server, "https").post("x", json={"prompt": "secret words"})
        assert server.requests == []


def test_key_that_is_no_header_value_is_neither_sent_nor_shown(connect_to, subtests):
    for key in (
        "with\nline",
        "with\r\nHost: x",
        "\udce4",
    ):
        with subtests.test(key=key), serving(send(answer())) as server:
            http_client = HttpClient(f"http://127.0.0.1:{server.port}", {"Authorization": key}, allows_private=True)
            with pytest.raises(NotSent) as caught:
                http_client.post("x", json={})
            assert key not in f"{caught.value}{caught.value!r}"
            assert server.requests == []


LOST_RESPONSES = {
    "reset": lambda connection, request: reset_connection(connection),
    "closed": lambda connection, request: None,
    "silence": lambda connection, request: time.sleep(60),
    "half a status": send(b"HTTP/1."),
    "half a body": send(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"id"'),
    "half a chunk": send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"),
    "no http": send(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "invalid gzip": send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"),
    "an endless header": drip(b"HTTP/1.1 200 OK\r\nX-Word: "),
    "endless headers": drip(b"HTTP/1.1 200 OK\r\n", b"X-Word: x\r\n"),
    "a slow body": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"),
    "slow chunks": drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("act", LOST_RESPONSES.values(), ids=LOST_RESPONSES.keys())
def test_lost_answer_leaves_the_outcome_open_and_ends_in_time(act, connect_to, settings):
    settings.PROVIDER_SECONDS = 1
    with serving(act) as server:
        started = time.monotonic()
        with pytest.raises(NoAnswer):
            connect_to(server).post("x", json={})
        assert time.monotonic() - started < 30, "the request was not ended in time"
        until(lambda: server.requests)  # the request may arrive only now
        assert server.connections == len(server.requests) == 1, "the request was repeated"


def test_cut_headers_are_an_answer_without_a_body(connect_to):
    with serving(send(b"HTTP/1.1 200 OK\r\nContent-Le")) as server:
        assert connect_to(server).post("x", json={}).json() is None


def test_tls_error_after_the_request_leaves_the_outcome_open(connect_to, tmp_path, monkeypatch):
    """requests raises SSLError for this as for a failed handshake, but here the request was sent."""
    context, pem = create_certificate(tmp_path)
    create_session = transport.build_session

    def create_trusting_session(**more):
        session = create_session(**more)
        session.verify = pem
        return session

    monkeypatch.setattr(transport, "build_session", create_trusting_session)

    def send_garbage(connection, request):
        plain = socket.socket(fileno=connection.detach())
        plain.sendall(b"this is no TLS record at all")
        plain.close()

    for act in (
        send_garbage,
        lambda connection, request: reset_connection(connection),
        lambda connection, request: None,
    ):
        with serving(act, context) as server:
            with pytest.raises(NoAnswer):
                connect_to(server, "https").post("x", json={})
            assert len(server.requests) == 1
    with serving(send(answer(b'{"id": "1"}')), context) as server:
        assert connect_to(server, "https").post("x", json={}).json() == {"id": "1"}


def test_post_never_uses_a_kept_connection(connect_to):
    """The server may be closing it, and it would be unknown whether it read the request."""
    connections = []

    def keep_alive_once(connection, request):
        connections.append(connection)
        connection.sendall(answer(Connection="keep-alive"))
        if request.startswith(b"GET"):
            connection.recv(65536)  # the next request on this connection is dropped unread

    with serving(keep_alive_once) as server:
        http_client = connect_to(server)
        http_client.get("v1/account")
        assert http_client.post("v1/tasks", json={}).status == 200
        assert [request.split()[0] for request in server.requests] == [b"GET", b"POST"]


def test_sending_a_body_may_take_longer_than_connecting(monkeypatch):
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.2)
    arrived = threading.Event()

    def read_slowly():
        connection, _ = listening.accept()
        time.sleep(0.6)  # longer than CONNECT_SECONDS
        size = 0
        while size < 16_000_000:
            size += len(connection.recv(1 << 20))
        connection.sendall(answer())
        connection.close()
        arrived.set()

    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 50_000)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        threading.Thread(target=read_slowly, daemon=True).start()
        http_client = HttpClient(f"http://127.0.0.1:{listening.getsockname()[1]}", HEADERS, allows_private=True)
        assert http_client.post("x", data=b"x" * 16_000_000).status == 200
    assert arrived.wait(10)


def test_answer_above_the_size_limit_is_refused(connect_to, monkeypatch):
    monkeypatch.setattr(client, "ANSWER_LIMIT", 1000)
    for body, more in ((b"x" * 1001, {}), (gzip.compress(b"x" * 10_000_000), {"Content_Encoding": "gzip"})):
        with serving(send(answer(body, **more))) as server, pytest.raises(NoAnswer, match="the response is too large"):
            connect_to(server).post("x", json={})
    with serving(send(answer(b"x" * 1000))) as server:
        assert len(connect_to(server).post("x", json={}).body) == 1000


@pytest.mark.parametrize(
    "content", [b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001]
)
def test_video_above_the_size_limit_is_refused(content, tmp_path, monkeypatch):
    monkeypatch.setattr(client, "FILE_LIMIT", 1000)
    with serving(send(content + b"x" * 1001)) as server, pytest.raises(RemoteError) as caught:
        download(server, tmp_path / "video")
    assert (caught.value.fault, caught.value.code) == (Fault.LOST, "too_large")


@pytest.mark.parametrize(
    "act",
    [
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nX-Word: "),
        lambda connection, request: reset_connection(connection),
        send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf a video"),
        send(answer(b"", "503 Service Unavailable")),
        send(answer(b"", "429 Too Many Requests")),
    ],
)
def test_broken_or_slow_transfer_can_be_repeated(act, tmp_path, monkeypatch):
    monkeypatch.setattr(client, "FILE_SECONDS", 1)
    with serving(act) as server, pytest.raises(NoAnswer):
        download(server, tmp_path / "video")


def test_video_link_that_no_longer_works_is_lost(tmp_path, subtests):
    for status in (
        "403 Forbidden",
        "404 Not Found",
        "410 Gone",
        "204 No Content",
        "304 Not Modified",
    ):
        with subtests.test(status=status):
            with serving(send(answer(b"", status))) as server, pytest.raises(RemoteError) as caught:
                download(server, tmp_path / "video")
            assert caught.value.fault == Fault.LOST


def test_invalid_content_length_ends_in_a_known_error_or_the_video(tmp_path, subtests):
    for length in (
        "-5",
        "abc",
        "1e9",
        "9" * 5000,
    ):
        with subtests.test(length=length):
            with serving(send(answer(b"a video", Content_Length=length))) as server:
                try:
                    download(server, tmp_path / "video")
                except (NoAnswer, RemoteError):
                    continue
            assert (tmp_path / "video").read_bytes() == b"a video"


def test_key_quoted_in_an_answer_is_redacted(connect_to):
    body = f'{{"error": "no such key {KEY}", "again": "{KEY}"}}'.encode()
    with serving(send(answer(body, "401 Unauthorized"))) as server:
        reply = connect_to(server).get("v1/account")
    assert KEY not in str(reply.body)
    assert reply.json()["error"].startswith("no such key")


def test_retry_after_is_read_or_ignored(subtests):
    for value, seconds in (
        ("1", 1.0),
        ("1.5", 1.5),
        ("99999", 600.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("²", None),
        ("inf", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2026 00:00:00 +9999999999999999", None),
        ("Mon, 32 Foo 2026 00:00:00 GMT", None),
        ("Mon, 01 Jan 2001 00:00:00 GMT", 0.0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 600.0),
    ):
        with subtests.test(sent=value, seconds=seconds):
            assert Answer(429, {"Retry-After": value}, b"").retry_after == seconds


def test_retry_after_date_is_relative_to_the_servers_clock(subtests):
    for hours in (
        0,
        -2,
        2,
    ):
        with subtests.test(hours=hours):
            server_time = timezone.now() + timedelta(hours=hours)
            now, later = (
                format_datetime(server_time + timedelta(seconds=seconds), usegmt=True) for seconds in (0, 100)
            )
            assert Answer(429, {"Retry-After": later, "Date": now}, b"").retry_after == 100
            if not hours:
                assert Answer(429, {"Retry-After": later}, b"").retry_after == pytest.approx(100, abs=60)


def test_answer_that_is_not_json_is_none(subtests):
    for body in (
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"a": 1',
    ):
        with subtests.test(body=body):
            assert Answer(200, {}, body).json() is None


@pytest.fixture
def pass_minutes(monkeypatch):
    """``pass_minutes(n)`` lets n minutes pass."""
    clock = [time.monotonic()]
    monkeypatch.setattr(download_speed.time, "monotonic", lambda: clock[0])
    yield lambda n: clock.__setitem__(0, clock[0] + 60 * n)


MEGABIT = 60 * 125_000  # bytes a minute


def test_transfer_at_a_megabit_per_second_may_take_as_long_as_it_needs(pass_minutes):
    limit, bytes_received = download_speed.SpeedLimit(total=2 << 30), 0
    pass_minutes(0.6)  # until the server begins to send
    for _minute in range(14):
        pass_minutes(1)
        bytes_received += MEGABIT
        limit.check(bytes_received)


@pytest.mark.parametrize("total", [0, 500_000_000])
def test_transfer_below_a_megabyte_in_its_first_minute_is_given_up(pass_minutes, total):
    limit = download_speed.SpeedLimit(total)
    limit.check(0)
    pass_minutes(1)
    with pytest.raises(NoAnswer):
        limit.check(1_000_000)


def test_transfer_that_slows_down_later_is_given_up(pass_minutes):
    limit = download_speed.SpeedLimit(500_000_000)
    pass_minutes(1)
    limit.check(MEGABIT)
    limit.check(MEGABIT)
    pass_minutes(1)
    with pytest.raises(NoAnswer):
        limit.check(MEGABIT + 3_000_000)


def test_small_video_is_given_up_after_two_minutes(pass_minutes):
    limit = download_speed.SpeedLimit(1_000_000)
    pass_minutes(1)
    limit.check(400_000)
    pass_minutes(1)
    with pytest.raises(NoAnswer):
        limit.check(900_000)


def test_later_tries_accept_a_half_and_then_an_eighth_of_the_speed(pass_minutes):
    for tries, share in ((1, 2), (3, 8)):
        with download_speed.previous_attempts(tries):
            limit = download_speed.SpeedLimit(10_000_000)
        for minute in range(1, 14):
            pass_minutes(1)
            limit.check(minute * MEGABIT // share)


@pytest.mark.parametrize("tries", [4, 7])
def test_very_slow_transfer_is_given_up_on_every_try(pass_minutes, tries):
    with download_speed.previous_attempts(tries):
        limit = download_speed.SpeedLimit(10_000_000)
    pass_minutes(1)
    limit.check(100_000)
    pass_minutes(1)
    with pytest.raises(NoAnswer):
        limit.check(300_000)


@pytest.mark.parametrize(
    "act",
    [
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", pause=0.02),
        lambda connection, request: time.sleep(60),
    ],
    ids=["a body", "silence"],
)
def test_slow_download_reports_progress_every_second_and_is_given_up(act, tmp_path, monkeypatch):
    monkeypatch.setattr(download_speed, "MINUTE", 1.2)
    reports, started = [], time.monotonic()
    with serving(act) as server, pytest.raises((NoAnswer, RemoteError)):
        host = f"127.0.0.1:{server.port}"
        fetch_file(
            f"http://{host}/film",
            tmp_path / "video",
            private_hosts=[host],
            progress=lambda *report: reports.append(report),
        )
    assert time.monotonic() - started < 30
    received = [done for done, _total in reports]
    assert received == sorted(received) and received
