"""No address that a provider names leads into our own network, and no key leaves its own host (A401-A407)."""

import socket
from contextlib import suppress
from dataclasses import replace

import pytest
import requests

from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError
from generation.providers.http import client
from generation.providers.http.client import HttpClient, fetch_file
from generation.providers.remote import OpenConnection, Output
from tests.fakes.echo import EchoProvider
from tests.generation.providers.raw_servers import PUBLIC, World, answer, serving

HOSTILE = [
    "http://127.0.0.1/", "http://localhost/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0177.0.0.1/", "http://0/", "http://0.0.0.0/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://internal.test/", "http://multi-inside-first.test/",
    "http://public.test@127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://metadata.test/",
    "http://100.64.0.1/", "http://[fd00::1]/", "http://[fe80::1]/", "http://[64:ff9b::7f00:1]/",
    "http://[fec0::1]/", "http://[::7f00:1]/",
    "http://[2002:7f00:1::]/", "http://10.0.0.1/", "https://192.168.0.1/",
]  # fmt: skip
NOT_AN_ADDRESS = [
    "file:///etc/passwd", "ftp://public.test/", "gopher://127.0.0.1:25/_HELO", "//", "", "http://", "http://[",
    "http://[[::1]]/", "http://\r\n.test/", "http://" + "a" * 70 + ".test/", "javascript:alert(1)", "http://public.test:x/",
    "http:///etc/passwd",
]  # fmt: skip
KEY = "Bearer a-very-secret-key-0123456789"


def quiet(done, total):
    """Ignore progress."""


@pytest.fixture
def web():
    """The only server of the public internet; ``web.reply`` is its answer."""

    def act(connection, request):
        connection.sendall(web.reply(request))

    with serving(act) as web:
        web.reply = lambda request: answer(b"a film")
        yield web


@pytest.fixture
def world(web, monkeypatch, settings):
    settings.PROVIDER_PRIVATE_HOSTS = ["10.0.0.99:8188"]  # one allowed private host allows no other
    settings.PROVIDER_SECONDS = 20
    client._sessions.__dict__.clear()  # connections kept by earlier tests
    world = World(web.port)
    monkeypatch.setattr(socket, "getaddrinfo", world.getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", lambda sock, address: world.connect(sock, address))  # noqa: PLW0108
    yield world
    client._sessions.__dict__.clear()


def test_requests_time_out_after_5_s_to_connect_and_30_s_to_read(monkeypatch, tmp_path):
    timeouts = []

    def send(self, request, *, timeout, **more):
        timeouts.append(timeout)
        raise requests.ConnectionError

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    for call in (
        lambda: HttpClient("http://public.test").get("v1/account"),
        lambda: HttpClient("http://public.test").post("v1/tasks"),
        lambda: fetch_file("http://public.test/film", tmp_path / "film", progress=quiet),
    ):
        with suppress(NotSent, NoAnswer):
            call()

    assert timeouts == [(5, 30)] * 3


def test_result_inside_our_network_is_never_fetched(world, tmp_path, subtests):
    for url in HOSTILE:
        with subtests.test(url=url):
            with pytest.raises(RemoteError) as caught:
                fetch_file(url, tmp_path / "film", progress=quiet)
            assert (caught.value.fault, caught.value.code) == (Fault.LOST, "address")
            assert world.attempts == []


def test_redirect_into_our_network_is_not_followed(world, web, tmp_path, subtests):
    for url in HOSTILE:
        with subtests.test(url=url):
            world.attempts.clear()
            web.reply = lambda request, url=url: answer(b"", "302 Found", Location=url)
            with pytest.raises(RemoteError) as caught:
                fetch_file("http://public.test/film", tmp_path / "film", progress=quiet)
            assert caught.value.fault == Fault.LOST
            assert world.attempts == [PUBLIC]


@pytest.mark.parametrize("port", [22, 8080])
def test_result_must_be_at_a_web_port_or_at_the_port_of_the_connection(port, world, web, tmp_path):
    elsewhere = f"http://public.test:{port}/film"
    for url in (elsewhere, "http://public.test/on"):
        web.reply = lambda request: answer(b"", "302 Found", Location=elsewhere)
        with pytest.raises(RemoteError) as caught:
            fetch_file(url, tmp_path / "film", home="public.test:9000", progress=quiet)
        assert (caught.value.fault, caught.value.code) == (Fault.LOST, "address")
    assert world.attempts == [PUBLIC]

    web.reply = lambda request: answer(b"a film")
    connection = OpenConnection({"api_key": KEY}, f"http://public.test:{port}")
    EchoProvider().fetch(connection, Output(elsewhere), tmp_path / "film", quiet)
    assert (tmp_path / "film").read_bytes() == b"a film"


def test_connection_inside_our_network_is_never_called(world, subtests):
    for url in HOSTILE:
        with subtests.test(url=url):
            with pytest.raises(NotSent):
                HttpClient(url, {"Authorization": KEY}).post("v1/tasks", json={"prompt": "x"})
            with pytest.raises(NotSent):
                list(HttpClient(url).listen("ws", 1))
            assert world.attempts == []


def test_plain_requests_would_have_called_these_addresses(world):
    """Prove that the sample addresses are dangerous."""
    for url in HOSTILE:
        with requests.Session() as plain, suppress(requests.RequestException):
            plain.get(url, timeout=1)
    assert len(world.leaks) >= 20


def test_invalid_addresses_are_refused_without_a_call(world, tmp_path, subtests):
    for url in NOT_AN_ADDRESS:
        with subtests.test(url=url):
            with pytest.raises(RemoteError) as caught:
                fetch_file(url, tmp_path / "film", progress=quiet)
            assert caught.value.fault == Fault.LOST
            with pytest.raises(NotSent):
                HttpClient(url, {"Authorization": KEY}).get("v1/tasks")
            assert world.attempts == []


def test_name_with_public_and_private_addresses_is_called_at_the_public_one(world, tmp_path):
    fetch_file("http://multi.test/", tmp_path / "film", progress=quiet)
    assert world.attempts == [PUBLIC]


def test_dns_rebinding_calls_the_address_that_was_checked(world, tmp_path):
    fetch_file("http://rebind.test/", tmp_path / "film", progress=quiet)
    with pytest.raises(RemoteError):
        fetch_file("http://rebind.test/", tmp_path / "film", progress=quiet)
    assert world.attempts == [PUBLIC]
    assert world.rebound == 2  # one look-up each time


def test_public_redirects_are_followed_to_the_result(world, web, tmp_path):
    hops = {b"/a": "http://other.test/b", b"/b": "/c", b"/c": "/d"}
    web.reply = lambda request: (
        answer(b"", "302 Found", Location=hops[path]) if (path := request.split()[1]) in hops else answer(b"a film")
    )
    fetch_file("http://public.test/a", tmp_path / "film", progress=quiet)
    assert (tmp_path / "film").read_bytes() == b"a film"


def test_endless_redirects_are_given_up(world, web, tmp_path):
    web.reply = lambda request: answer(b"", "302 Found", Location="/again")
    with pytest.raises(RemoteError) as caught:
        fetch_file("http://public.test/", tmp_path / "film", progress=quiet)
    assert (caught.value.code, len(web.requests)) == ("redirects", 4)


@pytest.mark.parametrize(
    ("url", "is_sent"),
    [
        ("http://public.test/film", True),
        ("http://other.test/film", False),
        ("http://public.test:443/film", False),
        ("http://public.test@other.test/film", False),
    ],
)
def test_key_is_sent_to_the_host_of_the_connection_only(url, is_sent, world, web, tmp_path):
    """Even if an adapter claims that a film elsewhere needs the key."""
    connection = OpenConnection({"api_key": KEY}, "http://public.test", headers={"X-Gateway": KEY})

    EchoProvider().fetch(connection, Output(url, needs_key=True), tmp_path / "film", quiet)

    [request] = web.requests
    assert request.count(KEY.encode()) == (2 if is_sent else 0)


def test_key_of_an_https_connection_is_never_sent_over_http(world, web, tmp_path):
    """Anybody on the network path could read the key."""
    connection = OpenConnection({"api_key": KEY}, "https://public.test", headers={"X-Gateway": KEY})

    EchoProvider().fetch(connection, Output("http://public.test/film", needs_key=True), tmp_path / "film", quiet)

    [request] = web.requests
    assert KEY.encode() not in request


@pytest.mark.parametrize("target", ["http://other.test/film", "/film", "http://public.test:443/film"])
def test_key_is_not_sent_along_a_redirect(target, world, web, tmp_path):
    web.reply = lambda request: (
        answer(b"", "302 Found", Location=target) if b" /start " in request else answer(b"a film", Set_Cookie="a=b")
    )
    fetch_file("http://public.test/start", tmp_path / "film", headers={"Authorization": KEY}, progress=quiet)
    first, second = web.requests
    assert KEY.encode() in first
    assert KEY.encode() not in second
    fetch_file("http://public.test/start", tmp_path / "film", progress=quiet)
    assert b"ookie" not in b"".join(web.requests)


def test_redirect_of_an_api_call_is_not_followed(world, web):
    web.reply = lambda request: answer(b"", "307 Temporary Redirect", Location="http://other.test/v1/tasks")
    reply = HttpClient("http://public.test", {"Authorization": KEY}).post("v1/tasks", json={})
    assert (reply.status, reply.is_ok, len(web.requests)) == (307, False, 1)


def test_api_call_outside_the_connections_base_address_is_not_sent(world, subtests):
    for url in (
        "http://other.test/", "https://public.test/", "http://public.test@other.test/",
        "http://public.test.evil.test/", "http://public.test:81/",
    ):  # fmt: skip
        with subtests.test(url=url):
            with pytest.raises(NotSent):
                HttpClient("http://public.test", {"Authorization": KEY}).get(url)
            assert world.attempts == []


def test_proxies_and_netrc_of_the_environment_are_ignored(world, web, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine public.test login mika password hunter2hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://10.9.9.9:3128")
    HttpClient("http://public.test").get("v1/account")
    fetch_file("http://public.test/film", tmp_path / "film", progress=quiet)
    assert set(world.attempts) == {PUBLIC}
    assert b"uthorization" not in b"".join(web.requests)


def test_public_provider_cannot_name_a_private_host_allowed_for_another(world, settings, tmp_path):
    """A cloud provider must not make us read from a private ComfyUI."""
    settings.PROVIDER_PRIVATE_HOSTS = ["127.0.0.1:8188"]
    cloud = OpenConnection({}, "http://public.test")
    inside = Output("http://127.0.0.1:8188/view?filename=secret")
    with pytest.raises(RemoteError) as caught:
        EchoProvider().fetch(cloud, inside, tmp_path / "film", quiet)
    assert (caught.value.code, world.attempts) == ("address", [])
    with pytest.raises(NoAnswer):  # its own connection may; nobody listens here
        EchoProvider().fetch(replace(cloud, base_url="http://127.0.0.1:8188"), inside, tmp_path / "film", quiet)
    assert world.attempts == ["127.0.0.1"]


def test_private_connection_allows_its_own_host_only(world, tmp_path):
    desk = OpenConnection({}, "http://10.0.0.5:8188", allows_private=True)
    for beside in ("http://10.0.0.6:8188/view", "http://10.0.0.6/view", "http://10.0.0.5/view"):
        with pytest.raises(RemoteError):
            EchoProvider().fetch(desk, Output(beside), tmp_path / "film", quiet)
    assert world.attempts == []
    with pytest.raises(NoAnswer):
        EchoProvider().fetch(desk, Output("http://10.0.0.5:8188/view"), tmp_path / "film", quiet)
    assert world.attempts == ["10.0.0.5"]
