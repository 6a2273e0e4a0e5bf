"""Nothing that a provider names leads into our own network, and no key leaves its own host (A401-A407)."""

import socket
from contextlib import suppress
from dataclasses import replace

import pytest
import requests

from generation.providers.errors import Fault, NoAnswer, NotSent, RemoteError
from generation.providers.http import client
from generation.providers.http.client import Wire, fetch_file
from generation.providers.remote import Account, Output
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
NO_ADDRESS = [
    "file:///etc/passwd", "ftp://public.test/", "gopher://127.0.0.1:25/_HELO", "//", "", "http://", "http://[",
    "http://[[::1]]/", "http://\r\n.test/", "http://" + "a" * 70 + ".test/", "javascript:alert(1)", "http://public.test:x/",
    "http:///etc/passwd",
]  # fmt: skip
KEY = "Bearer a-very-secret-key-0123456789"


def quiet(done, total):
    """Progress that nobody looks at."""


@pytest.fixture
def web():
    """The one server of the public internet; tests say what it does."""

    def act(connection, request):
        connection.sendall(web.reply(request))

    with serving(act) as web:
        web.reply = lambda request: answer(b"a film")
        yield web


@pytest.fixture
def world(web, monkeypatch, settings):
    settings.PROVIDER_PRIVATE_HOSTS = ["10.0.0.99:8188"]  # one place that an operator opened opens no other
    settings.PROVIDER_SECONDS = 20
    client._sessions.__dict__.clear()  # connections that earlier tests kept
    world = World(web.port)
    monkeypatch.setattr(socket, "getaddrinfo", world.getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", lambda sock, address: world.connect(sock, address))  # noqa: PLW0108
    yield world
    client._sessions.__dict__.clear()


def test_a_request_waits_five_seconds_to_be_heard_and_thirty_for_each_word(monkeypatch, tmp_path):
    waits = []

    def send(self, request, *, timeout, **more):
        waits.append(timeout)
        raise requests.ConnectionError

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    for ask in (
        lambda: Wire("http://public.test").get("v1/account"),
        lambda: Wire("http://public.test").post("v1/tasks"),
        lambda: fetch_file("http://public.test/film", tmp_path / "film", progress=quiet),
    ):
        with suppress(NotSent, NoAnswer):
            ask()

    assert waits == [(5, 30)] * 3


@pytest.mark.parametrize("url", HOSTILE)
def test_a_result_inside_our_network_is_never_fetched(url, world, tmp_path):
    with pytest.raises(RemoteError) as caught:
        fetch_file(url, tmp_path / "film", progress=quiet)
    assert (caught.value.fault, caught.value.code) == (Fault.LOST, "address")
    assert world.attempts == []


@pytest.mark.parametrize("url", HOSTILE)
def test_a_redirect_into_our_network_is_not_followed(url, world, web, tmp_path):
    web.reply = lambda request: answer(b"", "302 Found", Location=url)
    with pytest.raises(RemoteError) as caught:
        fetch_file("http://public.test/film", tmp_path / "film", progress=quiet)
    assert caught.value.fault == Fault.LOST
    assert world.attempts == [PUBLIC]


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_a_result_lies_at_the_ports_of_the_web_or_at_the_accounts_own(port, world, web, tmp_path):
    elsewhere = f"http://public.test:{port}/film"
    for url in (elsewhere, "http://public.test/on"):
        web.reply = lambda request: answer(b"", "302 Found", Location=elsewhere)
        with pytest.raises(RemoteError) as caught:
            fetch_file(url, tmp_path / "film", home="public.test:9000", progress=quiet)
        assert (caught.value.fault, caught.value.code) == (Fault.LOST, "address")
    assert world.attempts == [PUBLIC]

    web.reply = lambda request: answer(b"a film")
    account = Account({"api_key": KEY}, f"http://public.test:{port}")
    EchoProvider().fetch(account, Output(elsewhere), tmp_path / "film", quiet)
    assert (tmp_path / "film").read_bytes() == b"a film"


@pytest.mark.parametrize("url", HOSTILE)
def test_an_account_at_an_address_inside_is_never_called(url, world):
    with pytest.raises(NotSent):
        Wire(url, {"Authorization": KEY}).post("v1/tasks", json={"prompt": "x"})
    assert world.attempts == []


@pytest.mark.parametrize("url", HOSTILE)
def test_a_websocket_inside_is_never_opened(url, world):
    with pytest.raises(NotSent):
        list(Wire(url).listen("ws", 1))
    assert world.attempts == []


def test_without_the_wire_these_addresses_would_have_been_called(world):
    """The trap is real: a bare client walks into it nearly every time."""
    for url in HOSTILE:
        with requests.Session() as bare, suppress(requests.RequestException):
            bare.get(url, timeout=1)
    assert len(world.leaks) >= 20


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_web_address_is_lost_and_calls_nobody(url, world, tmp_path):
    with pytest.raises(RemoteError) as caught:
        fetch_file(url, tmp_path / "film", progress=quiet)
    assert caught.value.fault == Fault.LOST
    assert world.attempts == []


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_a_base_that_is_no_web_address_sends_nothing(url, world):
    with pytest.raises(NotSent):
        Wire(url, {"Authorization": KEY}).get("v1/tasks")
    assert world.attempts == []


def test_a_name_that_answers_both_ways_is_only_called_outside(world, tmp_path):
    fetch_file("http://multi.test/", tmp_path / "film", progress=quiet)
    assert world.attempts == [PUBLIC]


def test_a_name_that_turns_round_after_the_check_is_called_where_it_was_checked(world, tmp_path):
    fetch_file("http://rebind.test/", tmp_path / "film", progress=quiet)
    with pytest.raises(RemoteError):
        fetch_file("http://rebind.test/", tmp_path / "film", progress=quiet)
    assert world.attempts == [PUBLIC]
    assert world.rebound == 2  # each time once: checking and calling are one look-up


def test_a_good_result_arrives_also_along_a_redirect(world, web, tmp_path):
    hops = {b"/a": "http://other.test/b", b"/b": "/c", b"/c": "/d"}
    web.reply = lambda request: (
        answer(b"", "302 Found", Location=hops[path]) if (path := request.split()[1]) in hops else answer(b"a film")
    )
    fetch_file("http://public.test/a", tmp_path / "film", progress=quiet)
    assert (tmp_path / "film").read_bytes() == b"a film"


def test_addresses_that_lead_on_for_ever_are_given_up(world, web, tmp_path):
    web.reply = lambda request: answer(b"", "302 Found", Location="/again")
    with pytest.raises(RemoteError) as caught:
        fetch_file("http://public.test/", tmp_path / "film", progress=quiet)
    assert (caught.value.code, len(web.requests)) == ("redirects", 4)


@pytest.mark.parametrize(
    ("url", "goes_along"),
    [
        ("http://public.test/film", True),
        ("http://other.test/film", False),
        ("http://public.test:443/film", False),
        ("http://public.test@other.test/film", False),
    ],
)
def test_the_key_goes_along_to_the_accounts_own_host_and_no_other(url, goes_along, world, web, tmp_path):
    """Also when an adapter says of a film elsewhere that it needs the key."""
    account = Account({"api_key": KEY}, "http://public.test", headers={"X-Gateway": KEY})

    EchoProvider().fetch(account, Output(url, needs_key=True), tmp_path / "film", quiet)

    [request] = web.requests
    assert request.count(KEY.encode()) == (2 if goes_along else 0)


def test_the_key_of_a_sealed_account_goes_along_under_seal_only(world, web, tmp_path):
    """Its own host at plain http is another place: whoever stands between would read the key."""
    account = Account({"api_key": KEY}, "https://public.test", headers={"X-Gateway": KEY})

    EchoProvider().fetch(account, Output("http://public.test/film", needs_key=True), tmp_path / "film", quiet)

    [request] = web.requests
    assert KEY.encode() not in request


@pytest.mark.parametrize("target", ["http://other.test/film", "/film", "http://public.test:443/film"])
def test_the_key_goes_to_the_first_address_only(target, world, web, tmp_path):
    web.reply = lambda request: (
        answer(b"", "302 Found", Location=target) if b" /start " in request else answer(b"a film", Set_Cookie="a=b")
    )
    fetch_file("http://public.test/start", tmp_path / "film", headers={"Authorization": KEY}, progress=quiet)
    first, second = web.requests
    assert KEY.encode() in first
    assert KEY.encode() not in second
    fetch_file("http://public.test/start", tmp_path / "film", progress=quiet)
    assert b"ookie" not in b"".join(web.requests)


def test_a_redirect_of_a_call_is_an_answer_and_never_followed(world, web):
    web.reply = lambda request: answer(b"", "307 Temporary Redirect", Location="http://other.test/v1/tasks")
    told = Wire("http://public.test", {"Authorization": KEY}).post("v1/tasks", json={})
    assert (told.status, told.is_ok, len(web.requests)) == (307, False, 1)


@pytest.mark.parametrize(
    "path",
    ["http://other.test/", "https://public.test/", "http://public.test@other.test/", "http://public.test.evil.test/",
     "http://public.test:81/"],
)  # fmt: skip
def test_an_address_outside_the_accounts_own_gets_nothing(path, world):
    with pytest.raises(NotSent):
        Wire("http://public.test", {"Authorization": KEY}).get(path)
    assert world.attempts == []


def test_the_environments_proxies_and_passwords_are_not_used(world, web, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine public.test login mika password hunter2hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://10.9.9.9:3128")
    Wire("http://public.test").get("v1/account")
    fetch_file("http://public.test/film", tmp_path / "film", progress=quiet)
    assert set(world.attempts) == {PUBLIC}
    assert b"uthorization" not in b"".join(web.requests)


def test_a_public_provider_cannot_name_a_place_that_an_operator_opened_for_another(world, settings, tmp_path):
    """ComfyUI's private address is ComfyUI's: a cloud's answer must not make us read from it."""
    settings.PROVIDER_PRIVATE_HOSTS = ["127.0.0.1:8188"]
    cloud = Account({}, "http://public.test")
    inside = Output("http://127.0.0.1:8188/view?filename=secret")
    with pytest.raises(RemoteError) as caught:
        EchoProvider().fetch(cloud, inside, tmp_path / "film", quiet)
    assert (caught.value.code, world.attempts) == ("address", [])
    with pytest.raises(NoAnswer):  # its own account may: here nobody listens
        EchoProvider().fetch(replace(cloud, base_url="http://127.0.0.1:8188"), inside, tmp_path / "film", quiet)
    assert world.attempts == ["127.0.0.1"]


def test_a_private_account_of_an_operator_opens_its_own_host_only(world, tmp_path):
    desk = Account({}, "http://10.0.0.5:8188", allows_private=True)
    for beside in ("http://10.0.0.6:8188/view", "http://10.0.0.6/view", "http://10.0.0.5/view"):
        with pytest.raises(RemoteError):
            EchoProvider().fetch(desk, Output(beside), tmp_path / "film", quiet)
    assert world.attempts == []
    with pytest.raises(NoAnswer):
        EchoProvider().fetch(desk, Output("http://10.0.0.5:8188/view"), tmp_path / "film", quiet)
    assert world.attempts == ["10.0.0.5"]
