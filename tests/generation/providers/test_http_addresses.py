"""No URL from a provider leads into our own network, and no key is sent to another host (A401-A407)."""

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
from tests.generation.providers.raw_servers import PUBLIC, FakeInternet, answer, serving

PRIVATE_URLS = [
    "http://127.0.0.1/", "http://localhost/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0177.0.0.1/", "http://0/", "http://0.0.0.0/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://internal.test/", "http://multi-inside-first.test/",
    "http://public.test@127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://metadata.test/",
    "http://100.64.0.1/", "http://[fd00::1]/", "http://[fe80::1]/", "http://[64:ff9b::7f00:1]/",
    "http://[fec0::1]/", "http://[::7f00:1]/",
    "http://[2002:7f00:1::]/", "http://10.0.0.1/", "https://192.168.0.1/",
]  # fmt: skip
INVALID_URLS = [
    "file:///etc/passwd", "ftp://public.test/", "gopher://127.0.0.1:25/_HELO", "//", "", "http://", "http://[",
    "http://[[::1]]/", "http://\r\n.test/", "http://" + "a" * 70 + ".test/", "javascript:alert(1)", "http://public.test:x/",
    "http:///etc/passwd",
]  # fmt: skip
KEY = "Bearer a-very-secret-key-0123456789"


def ignore_progress(done, total):
    """Ignore progress."""


@pytest.fixture
def server():
    """The only server of the public internet; ``server.reply`` is its response."""

    def act(connection, request):
        connection.sendall(server.reply(request))

    with serving(act) as server:
        server.reply = lambda request: answer(b"a video")
        yield server


@pytest.fixture
def internet(server, monkeypatch, settings):
    settings.PROVIDER_PRIVATE_HOSTS = ["10.0.0.99:8188"]  # one allowed private host allows no other
    settings.PROVIDER_SECONDS = 20
    client._sessions.__dict__.clear()  # connections kept by earlier tests
    internet = FakeInternet(server.port)
    monkeypatch.setattr(socket, "getaddrinfo", internet.getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", lambda sock, address: internet.connect(sock, address))  # noqa: PLW0108
    yield internet
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
        lambda: fetch_file("http://public.test/video", tmp_path / "video", progress=ignore_progress),
    ):
        with suppress(NotSent, NoAnswer):
            call()

    assert timeouts == [(5, 30)] * 3


def test_result_inside_our_network_is_never_fetched(internet, tmp_path, subtests):
    for url in PRIVATE_URLS:
        with subtests.test(url=url):
            with pytest.raises(RemoteError) as caught:
                fetch_file(url, tmp_path / "video", progress=ignore_progress)
            assert (caught.value.fault, caught.value.code) == (Fault.LOST, "address")
            assert internet.attempts == []


def test_redirect_into_our_network_is_not_followed(internet, server, tmp_path, subtests):
    for url in PRIVATE_URLS:
        with subtests.test(url=url):
            internet.attempts.clear()
            server.reply = lambda request, url=url: answer(b"", "302 Found", Location=url)
            with pytest.raises(RemoteError) as caught:
                fetch_file("http://public.test/video", tmp_path / "video", progress=ignore_progress)
            assert caught.value.fault == Fault.LOST
            assert internet.attempts == [PUBLIC]


@pytest.mark.parametrize("port", [22, 8080])
def test_result_must_be_at_a_web_port_or_at_the_port_of_the_connection(port, internet, server, tmp_path):
    other_port = f"http://public.test:{port}/film"
    for url in (other_port, "http://public.test/on"):
        server.reply = lambda request: answer(b"", "302 Found", Location=other_port)
        with pytest.raises(RemoteError) as caught:
            fetch_file(url, tmp_path / "video", home="public.test:9000", progress=ignore_progress)
        assert (caught.value.fault, caught.value.code) == (Fault.LOST, "address")
    assert internet.attempts == [PUBLIC]

    server.reply = lambda request: answer(b"a video")
    connection = OpenConnection({"api_key": KEY}, f"http://public.test:{port}")
    EchoProvider().fetch(connection, Output(other_port), tmp_path / "video", ignore_progress)
    assert (tmp_path / "video").read_bytes() == b"a video"


def test_connection_inside_our_network_is_never_called(internet, subtests):
    for url in PRIVATE_URLS:
        with subtests.test(url=url):
            with pytest.raises(NotSent):
                HttpClient(url, {"Authorization": KEY}).post("v1/tasks", json={"prompt": "x"})
            with pytest.raises(NotSent):
                list(HttpClient(url).listen("ws", 1))
            assert internet.attempts == []


def test_invalid_addresses_are_refused_without_a_call(internet, tmp_path, subtests):
    for url in INVALID_URLS:
        with subtests.test(url=url):
            with pytest.raises(RemoteError) as caught:
                fetch_file(url, tmp_path / "video", progress=ignore_progress)
            assert caught.value.fault == Fault.LOST
            with pytest.raises(NotSent):
                HttpClient(url, {"Authorization": KEY}).get("v1/tasks")
            assert internet.attempts == []


def test_name_with_public_and_private_addresses_is_called_at_the_public_one(internet, tmp_path):
    fetch_file("http://multi.test/", tmp_path / "video", progress=ignore_progress)
    assert internet.attempts == [PUBLIC]


def test_dns_rebinding_calls_the_address_that_was_checked(internet, tmp_path):
    fetch_file("http://rebind.test/", tmp_path / "video", progress=ignore_progress)
    with pytest.raises(RemoteError):
        fetch_file("http://rebind.test/", tmp_path / "video", progress=ignore_progress)
    assert internet.attempts == [PUBLIC]
    assert internet.rebind_lookups == 2  # one lookup per download


def test_public_redirects_are_followed_to_the_result(internet, server, tmp_path):
    redirects = {b"/a": "http://other.test/b", b"/b": "/c", b"/c": "/d"}
    server.reply = lambda request: (
        answer(b"", "302 Found", Location=redirects[path])
        if (path := request.split()[1]) in redirects
        else answer(b"a video")
    )
    fetch_file("http://public.test/a", tmp_path / "video", progress=ignore_progress)
    assert (tmp_path / "video").read_bytes() == b"a video"


def test_endless_redirects_are_given_up(internet, server, tmp_path):
    server.reply = lambda request: answer(b"", "302 Found", Location="/again")
    with pytest.raises(RemoteError) as caught:
        fetch_file("http://public.test/", tmp_path / "video", progress=ignore_progress)
    assert (caught.value.code, len(server.requests)) == ("redirects", 4)


@pytest.mark.parametrize(
    ("url", "is_sent"),
    [
        ("http://public.test/video", True),
        ("http://other.test/film", False),
        ("http://public.test:443/film", False),
        ("http://public.test@other.test/film", False),
    ],
)
def test_key_is_sent_to_the_host_of_the_connection_only(url, is_sent, internet, server, tmp_path):
    """Even if an adapter claims that a film elsewhere needs the key."""
    connection = OpenConnection({"api_key": KEY}, "http://public.test", headers={"X-Gateway": KEY})

    EchoProvider().fetch(connection, Output(url, needs_key=True), tmp_path / "video", ignore_progress)

    [request] = server.requests
    assert request.count(KEY.encode()) == (2 if is_sent else 0)


def test_key_of_an_https_connection_is_never_sent_over_http(internet, server, tmp_path):
    """Anybody on the network path could read the key."""
    connection = OpenConnection({"api_key": KEY}, "https://public.test", headers={"X-Gateway": KEY})

    EchoProvider().fetch(
        connection, Output("http://public.test/video", needs_key=True), tmp_path / "video", ignore_progress
    )

    [request] = server.requests
    assert KEY.encode() not in request


@pytest.mark.parametrize("target", ["http://other.test/film", "/film", "http://public.test:443/film"])
def test_key_is_not_sent_along_a_redirect(target, internet, server, tmp_path):
    server.reply = lambda request: (
        answer(b"", "302 Found", Location=target) if b" /start " in request else answer(b"a video", Set_Cookie="a=b")
    )
    fetch_file("http://public.test/start", tmp_path / "video", headers={"Authorization": KEY}, progress=ignore_progress)
    first, second = server.requests
    assert KEY.encode() in first
    assert KEY.encode() not in second
    fetch_file("http://public.test/start", tmp_path / "video", progress=ignore_progress)
    assert b"ookie" not in b"".join(server.requests)


def test_redirect_of_an_api_call_is_not_followed(internet, server):
    server.reply = lambda request: answer(b"", "307 Temporary Redirect", Location="http://other.test/v1/tasks")
    reply = HttpClient("http://public.test", {"Authorization": KEY}).post("v1/tasks", json={})
    assert (reply.status, reply.is_ok, len(server.requests)) == (307, False, 1)


def test_api_call_outside_the_connections_base_address_is_not_sent(internet, subtests):
    for url in (
        "http://other.test/", "https://public.test/", "http://public.test@other.test/",
        "http://public.test.evil.test/", "http://public.test:81/",
    ):  # fmt: skip
        with subtests.test(url=url):
            with pytest.raises(NotSent):
                HttpClient("http://public.test", {"Authorization": KEY}).get(url)
            assert internet.attempts == []


def test_proxies_and_netrc_of_the_environment_are_ignored(internet, server, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine public.test login mika password hunter2hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://10.9.9.9:3128")
    HttpClient("http://public.test").get("v1/account")
    fetch_file("http://public.test/video", tmp_path / "video", progress=ignore_progress)
    assert set(internet.attempts) == {PUBLIC}
    assert b"uthorization" not in b"".join(server.requests)


def test_public_provider_cannot_name_a_private_host_allowed_for_another(internet, settings, tmp_path):
    """A cloud provider must not make us read from a private ComfyUI."""
    settings.PROVIDER_PRIVATE_HOSTS = ["127.0.0.1:8188"]
    public_connection = OpenConnection({}, "http://public.test")
    private_output = Output("http://127.0.0.1:8188/view?filename=secret")
    with pytest.raises(RemoteError) as caught:
        EchoProvider().fetch(public_connection, private_output, tmp_path / "video", ignore_progress)
    assert (caught.value.code, internet.attempts) == ("address", [])
    with pytest.raises(NoAnswer):  # allowed for its own connection; nothing listens there
        EchoProvider().fetch(
            replace(public_connection, base_url="http://127.0.0.1:8188"),
            private_output,
            tmp_path / "video",
            ignore_progress,
        )
    assert internet.attempts == ["127.0.0.1"]


def test_private_connection_allows_its_own_host_only(internet, tmp_path):
    private_connection = OpenConnection({}, "http://10.0.0.5:8188", allows_private=True)
    for other_url in ("http://10.0.0.6:8188/view", "http://10.0.0.6/view", "http://10.0.0.5/view"):
        with pytest.raises(RemoteError):
            EchoProvider().fetch(private_connection, Output(other_url), tmp_path / "video", ignore_progress)
    assert internet.attempts == []
    with pytest.raises(NoAnswer):
        EchoProvider().fetch(
            private_connection, Output("http://10.0.0.5:8188/view"), tmp_path / "video", ignore_progress
        )
    assert internet.attempts == ["10.0.0.5"]
