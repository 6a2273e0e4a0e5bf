"""What is said of a request that came to nothing decides whether it may be sent again; no transfer is endless."""

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
from generation.providers.http.client import Answer, Wire, fetch_file
from tests.generation.providers.raw_servers import answer, certificate, reset, serving
from tests.processes import until

KEY = "a-very-secret-key-0123456789"
HEADERS = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(autouse=True)
def patience(settings):
    settings.PROVIDER_SECONDS = 20
    settings.PROVIDER_PRIVATE_HOSTS = []
    client._sessions.__dict__.clear()
    yield
    client._sessions.__dict__.clear()


@pytest.fixture
def at():
    """``at(server)``: an account there, which an operator allowed to lie inside."""
    return lambda server, scheme="http": Wire(f"{scheme}://127.0.0.1:{server.port}", HEADERS, allows_private=True)


def fetch(server, path, **more):
    host = f"127.0.0.1:{server.port}"
    return fetch_file(f"http://{host}/film", path, private_hosts=[host], progress=lambda done, total: None, **more)


def says(content: bytes):
    return lambda connection, request: connection.sendall(content)


def drips(head: bytes, drop=b"x", pause=0.1):
    """Never stands still for long, and never ends."""

    def act(connection, request):
        connection.sendall(head)
        while True:
            connection.sendall(drop)
            time.sleep(pause)

    return act


# --- nothing left this machine --------------------------------------------------------------------------------------


def test_where_nobody_listens_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(NotSent):
        Wire(f"http://127.0.0.1:{port}", HEADERS, allows_private=True).post("x", json={})


def test_where_no_connection_comes_about_nothing_was_sent(monkeypatch):
    def connect(sock, address):
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(NotSent):
        Wire("http://127.0.0.1:1", HEADERS, allows_private=True).post("x", json={})


def test_who_slept_while_the_connection_was_made_sends_nothing(at, monkeypatch):
    """Others have long been looking for what was to be sent, and may send it themselves."""
    connect = socket.socket.connect

    def sleeps(sock, address):
        connect(sock, address)
        transport.trip.deadline = time.monotonic() - 1

    monkeypatch.setattr(socket.socket, "connect", sleeps)
    with serving(says(answer())) as server:
        with pytest.raises(NotSent):
            at(server).post("x", json={})
        assert server.requests == []


@pytest.mark.parametrize("allows_private", [True, False])
def test_where_a_name_is_not_known_nothing_was_sent(allows_private, monkeypatch):
    def unknown(*words, **more):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent):
        Wire("https://nobody.test", HEADERS, allows_private).post("x", json={})


def test_where_tls_does_not_come_about_nothing_was_sent(at):
    with serving(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as plain, pytest.raises(NotSent):
        at(plain, "https").post("x", json={})


def test_to_a_certificate_that_nobody_vouches_for_nothing_was_sent(at, tmp_path):
    context, _pem = certificate(tmp_path)
    with serving(says(answer()), context) as server:
        with pytest.raises(NotSent):
            at(server, "https").post("x", json={"prompt": "secret words"})
        assert server.requests == []


@pytest.mark.parametrize("key", ["with\nline", "with\r\nHost: x", "\udce4"])
def test_a_key_that_no_header_can_carry_is_not_sent_and_not_told(key, at):
    with serving(says(answer())) as server:
        there = Wire(f"http://127.0.0.1:{server.port}", {"Authorization": key}, allows_private=True)
        with pytest.raises(NotSent) as caught:
            there.post("x", json={})
        assert key not in f"{caught.value}{caught.value!r}"
        assert server.requests == []


# --- it may have arrived --------------------------------------------------------------------------------------------

LOST = {
    "reset": lambda connection, request: reset(connection),
    "closed": lambda connection, request: None,
    "silence": lambda connection, request: time.sleep(60),
    "half a status": says(b"HTTP/1."),
    "half a body": says(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"id"'),
    "half a chunk": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"),
    "no http": says(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "a bent body": says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"),
    "a head without end": drips(b"HTTP/1.1 200 OK\r\nX-Word: "),
    "heads without end": drips(b"HTTP/1.1 200 OK\r\n", b"X-Word: x\r\n"),
    "a body that drips": drips(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"),
    "chunks that drip": drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("act", LOST.values(), ids=LOST.keys())
def test_an_answer_that_is_lost_leaves_the_outcome_open_and_ends_in_time(act, at, settings):
    settings.PROVIDER_SECONDS = 3
    with serving(act) as server:
        began = time.monotonic()
        with pytest.raises(NoAnswer):
            at(server).post("x", json={})
        assert time.monotonic() - began < 30, "after a minute, or never, it would have ended by itself"
        until(lambda: server.requests)  # whom it may have reached only now
        assert server.connections == len(server.requests) == 1, "sent once"


def test_a_head_that_is_cut_is_an_answer_without_what_it_should_hold(at):
    with serving(says(b"HTTP/1.1 200 OK\r\nContent-Le")) as server:
        assert at(server).post("x", json={}).json() is None


def test_tls_that_breaks_after_the_request_leaves_the_outcome_open(at, tmp_path, monkeypatch):
    """requests says SSLError for this as it does for a handshake that failed; they are worlds apart."""
    context, pem = certificate(tmp_path)
    make = transport.session

    def trusting(**more):
        made = make(**more)
        made.verify = pem
        return made

    monkeypatch.setattr(transport, "session", trusting)

    def garble(connection, request):
        plain = socket.socket(fileno=connection.detach())
        plain.sendall(b"this is no TLS record at all")
        plain.close()

    for act in (garble, lambda connection, request: reset(connection), lambda connection, request: None):
        with serving(act, context) as server:
            with pytest.raises(NoAnswer):
                at(server, "https").post("x", json={})
            assert len(server.requests) == 1
    with serving(says(answer(b'{"id": "1"}')), context) as server:
        assert at(server, "https").post("x", json={}).json() == {"id": "1"}


def test_what_buys_never_goes_by_a_connection_that_was_kept(at):
    """The other side may just be closing it, and nobody could tell whether the request was read."""
    kept = []

    def polite_once(connection, request):
        kept.append(connection)
        connection.sendall(answer(Connection="keep-alive"))
        if request.startswith(b"GET"):
            connection.recv(65536)  # whatever comes next on this connection is dropped unread

    with serving(polite_once) as server:
        account = at(server)
        account.get("v1/account")
        assert account.post("v1/tasks", json={}).status == 200
        assert [each.split()[0] for each in server.requests] == [b"GET", b"POST"]


def test_sending_pictures_may_take_longer_than_connecting(monkeypatch):
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.2)
    arrived = threading.Event()

    def slow_reader():
        connection, _ = listening.accept()
        time.sleep(0.6)  # longer than the patience for connecting
        got = 0
        while got < 16_000_000:
            got += len(connection.recv(1 << 20))
        connection.sendall(answer())
        connection.close()
        arrived.set()

    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 50_000)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        threading.Thread(target=slow_reader, daemon=True).start()
        there = Wire(f"http://127.0.0.1:{listening.getsockname()[1]}", HEADERS, allows_private=True)
        assert there.post("x", data=b"x" * 16_000_000).status == 200
    assert arrived.wait(10)


# --- bounds ---------------------------------------------------------------------------------------------------------


def test_an_answer_may_have_ten_megabytes_and_no_more(at, monkeypatch):
    monkeypatch.setattr(client, "ANSWER_LIMIT", 1000)
    for body, more in ((b"x" * 1001, {}), (gzip.compress(b"x" * 10_000_000), {"Content_Encoding": "gzip"})):
        with serving(says(answer(body, **more))) as server, pytest.raises(NoAnswer, match="an answer without end"):
            at(server).post("x", json={})
    with serving(says(answer(b"x" * 1000))) as server:
        assert len(at(server).post("x", json={}).body) == 1000


@pytest.mark.parametrize(
    "content", [b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001]
)
def test_a_film_without_end_is_lost(content, tmp_path, monkeypatch):
    monkeypatch.setattr(client, "FILE_LIMIT", 1000)
    with serving(says(content + b"x" * 1001)) as server, pytest.raises(RemoteError) as caught:
        fetch(server, tmp_path / "film")
    assert (caught.value.fault, caught.value.code) == (Fault.LOST, "too_large")


@pytest.mark.parametrize(
    "act",
    [
        drips(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"),
        drips(b"HTTP/1.1 200 OK\r\nX-Word: "),
        lambda connection, request: reset(connection),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf a film"),
        says(answer(b"", "503 Service Unavailable")),
        says(answer(b"", "429 Too Many Requests")),
    ],
)
def test_a_transfer_that_breaks_or_drips_can_be_repeated(act, tmp_path, monkeypatch):
    monkeypatch.setattr(client, "FILE_SECONDS", 1)
    with serving(act) as server, pytest.raises(NoAnswer):
        fetch(server, tmp_path / "film")


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone", "204 No Content", "304 Not Modified"])
def test_an_address_that_works_no_more_is_lost(status, tmp_path):
    with serving(says(answer(b"", status))) as server, pytest.raises(RemoteError) as caught:
        fetch(server, tmp_path / "film")
    assert caught.value.fault == Fault.LOST


@pytest.mark.parametrize("length", ["-5", "abc", "1e9", "9" * 5000])
def test_a_length_that_is_no_number_ends_in_a_word_we_know(length, tmp_path):
    with serving(says(answer(b"a film", Content_Length=length))) as server:
        try:
            fetch(server, tmp_path / "film")
        except (NoAnswer, RemoteError):
            return
    assert (tmp_path / "film").read_bytes() == b"a film"


# --- small things ---------------------------------------------------------------------------------------------------


def test_a_key_that_the_answer_quotes_is_struck_out(at):
    body = f'{{"error": "no such key {KEY}", "again": "{KEY}"}}'.encode()
    with serving(says(answer(body, "401 Unauthorized"))) as server:
        told = at(server).get("v1/account")
    assert KEY not in str(told.body)
    assert told.json()["error"].startswith("no such key")


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [("1", 1.0), ("1.5", 1.5), ("99999", 600.0), ("", None), ("soon", None), ("-1", None), ("²", None), ("inf", None),
     ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None), ("Mon, 01 Jan 2026 00:00:00 +9999999999999999", None),
     ("Mon, 32 Foo 2026 00:00:00 GMT", None), ("Mon, 01 Jan 2001 00:00:00 GMT", 0.0),
     ("Fri, 01 Jan 2100 00:00:00 GMT", 600.0)],
)  # fmt: skip
def test_when_to_come_back_is_read_or_left(sent, seconds):
    assert Answer(429, {"Retry-After": sent}, b"").retry_after == seconds


@pytest.mark.parametrize("hours", [0, -2, 2])
def test_a_date_to_come_back_at_is_read_by_the_clock_that_names_it(hours):
    theirs = timezone.now() + timedelta(hours=hours)
    now, later = (format_datetime(theirs + timedelta(seconds=each), usegmt=True) for each in (0, 100))
    assert Answer(429, {"Retry-After": later, "Date": now}, b"").retry_after == 100
    if not hours:
        assert Answer(429, {"Retry-After": later}, b"").retry_after == pytest.approx(100, abs=60)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a": 1'])
def test_an_answer_that_is_no_json_is_none(body):
    assert Answer(200, {}, body).json() is None


@pytest.fixture
def minutes(monkeypatch):
    """``minutes(1)``: so many of them go by."""
    clock = [time.monotonic()]
    monkeypatch.setattr(download_speed.time, "monotonic", lambda: clock[0])
    yield lambda n: clock.__setitem__(0, clock[0] + 60 * n)


MEGABIT = 60 * 125_000  # bytes a minute


def test_a_line_of_a_megabit_a_second_is_waited_for_for_as_long_as_it_takes(minutes):
    floor, came = download_speed.Floor(total=2 << 30), 0
    minutes(0.6)  # until it was found there, opened, and sent
    for _minute in range(14):
        minutes(1)
        came += MEGABIT
        floor.look(came)


@pytest.mark.parametrize("total", [0, 500_000_000])
def test_a_line_that_brings_less_than_a_megabyte_in_its_first_minute_is_not(minutes, total):
    floor = download_speed.Floor(total)
    floor.look(0)
    minutes(1)
    with pytest.raises(NoAnswer):
        floor.look(1_000_000)


def test_a_line_that_begins_to_drip_later_is_not(minutes):
    floor = download_speed.Floor(500_000_000)
    minutes(1)
    floor.look(MEGABIT)
    floor.look(MEGABIT)
    minutes(1)
    with pytest.raises(NoAnswer):
        floor.look(MEGABIT + 3_000_000)


def test_a_small_film_has_two_minutes_and_no_more(minutes):
    floor = download_speed.Floor(1_000_000)
    minutes(1)
    floor.look(400_000)
    minutes(1)
    with pytest.raises(NoAnswer):
        floor.look(900_000)


def test_a_line_that_two_films_share_is_waited_for_from_the_second_try_and_eight_from_the_fourth(minutes):
    for tries, share in ((1, 2), (3, 8)):
        with download_speed.after(tries):
            floor = download_speed.Floor(10_000_000)
        for minute in range(1, 14):
            minutes(1)
            floor.look(minute * MEGABIT // share)


@pytest.mark.parametrize("tries", [4, 7])
def test_however_often_it_was_tried_a_line_that_drips_is_not(minutes, tries):
    with download_speed.after(tries):
        floor = download_speed.Floor(10_000_000)
    minutes(1)
    floor.look(100_000)
    minutes(1)
    with pytest.raises(NoAnswer):
        floor.look(300_000)


@pytest.mark.parametrize(
    "act",
    [
        drips(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", pause=0.02),
        drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", pause=0.02),
        drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40000\r\n", pause=0.02),
        drips(b"HTTP/1.1 200 OK\r\nX-Word: ", pause=0.02),
        drips(b"HTTP/1.1 302 Found\r\nLocation: /film\r\nContent-Length: 0\r\n\r\n"),
        lambda connection, request: time.sleep(60),
    ],
    ids=["a body", "chunks", "one chunk", "a head", "redirects", "silence"],
)
def test_whatever_drips_is_heard_of_every_second_and_given_up_soon(act, tmp_path, monkeypatch):
    monkeypatch.setattr(download_speed, "MINUTE", 2.5)
    heard, began = [], time.monotonic()
    with serving(act) as server, pytest.raises((NoAnswer, RemoteError)):
        host = f"127.0.0.1:{server.port}"
        fetch_file(
            f"http://{host}/film", tmp_path / "film", private_hosts=[host], progress=lambda *told: heard.append(told)
        )
    assert time.monotonic() - began < 30
    came = [each for each, _total in heard]
    assert came == sorted(came) and came
