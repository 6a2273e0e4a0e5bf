"""Gemini's callbacks to an address that a request named: a token of Google's proves them, and little else can."""

import base64
import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from django.test import Client

from generation.providers.errors import Fault, RemoteError
from generation.providers.http import client
from generation.providers.models import Connection, WebhookEvent
from generation.providers.remote import Event, Forged
from generation.providers.webhooks import signing_keys
from tests.fakes.gemini import _b64, signing_key
from tests.fakes.server import Reply
from tests.generation.providers.contract import GEMINI, GEMINI_STATIC

REF = "5f0c1f6e-0000-4000-8000-000000000001"
NOW = 1_790_000_000
KEYS_AT = "https://keys.example/jwks.json"


@pytest.fixture
def desk(desk_of, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: float(NOW))
    return desk_of(GEMINI)


@pytest.fixture
def heard(desk):
    """``heard(token, …)``: what is made of a callback about the desk's one task with that token."""
    task = desk.fake.tasks[desk.submit(ref=REF).task_id]
    headers, said = desk.fake.callback(task)

    def hear(token="", body=None, **others):
        sent = headers | {"webhook-signature": token or headers["webhook-signature"]} | others
        return desk.engine.event(desk.account, sent, said if body is None else body)

    hear.task, hear.body = task, said
    return hear


def keys_asked(desk):
    return [call for call in desk.fake.calls if call.path.endswith("jwks.json")]


# --- asking for them ------------------------------------------------------------------------------------------------


def test_each_request_names_our_address_with_our_reference(desk):
    desk.submit(ref=REF)

    [task] = desk.fake.created
    assert task.request["webhook_config"] == {
        "uris": [f"{desk.account.webhook}?ref={REF}"], "user_metadata": {"job": REF},
    }  # fmt: skip


def test_where_there_is_a_secret_its_webhook_is_told_our_reference_and_no_address(desk_of):
    desk = desk_of(GEMINI_STATIC)
    desk.submit(ref=REF)

    assert desk.fake.created[0].request["webhook_config"] == {"user_metadata": {"job": REF}}


@pytest.mark.parametrize("entry", [GEMINI, GEMINI_STATIC], ids=lambda entry: entry.name)
def test_nothing_is_asked_for_where_nobody_can_call_us_or_an_operator_says_so(entry, desk_of, say):
    desk = desk_of(entry, webhook="")
    desk.submit()
    say("gemini", ways={"callbacks": "none"})
    other = desk_of(entry)
    other.submit()

    assert "webhook_config" not in desk.fake.created[0].request
    assert "webhook_config" not in other.fake.created[0].request


def test_a_version_that_knows_no_callbacks_refuses_in_words_and_an_operator_helps(desk, say):
    desk.fake.knows_webhooks = False
    with pytest.raises(RemoteError) as caught:
        desk.submit()
    error = caught.value
    assert error.fault == Fault.INVALID and "choose “not at all” for callbacks" in error.words
    assert "“Providers with known ways”" in error.words
    assert (desk.submissions, desk.fake.created) == (1, [])

    say("gemini", ways={"callbacks": "none"})

    assert desk.submit().task_id == desk.fake.created[0].id


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Webhooks are not supported when using an API key."),
        (400, "webhook_config.uris[0]: the URI was blocked by policy"),
        (403, "Webhooks are not enabled for this project."),
        (404, "webhook_config not found"),
        (400, "webhook_config may only be used with background interactions"),
    ],
)
def test_callbacks_that_are_refused_are_not_taken_for_a_wrong_key_bad_words_or_the_background(status, said, desk, say):
    """An operator who reads of the key or of the prompt would look in the wrong place."""
    desk.fake.fault_uncalled = lambda request, act: Reply(status, {"error": {"code": status, "message": said}})
    desk.fake.next("submit", "uncalled", "uncalled")
    with pytest.raises(RemoteError) as caught:
        desk.submit()
    error = caught.value
    assert (error.fault, error.status, error.detail) == (Fault.INVALID, status, said)
    assert "choose “not at all” for callbacks" in error.words

    say("gemini", ways={"callbacks": "none"})
    with pytest.raises(RemoteError) as caught:
        desk.submit()
    assert "for callbacks" not in caught.value.words, "nothing of callbacks was sent"


# --- believing them -------------------------------------------------------------------------------------------------


def test_a_genuine_one_names_the_task_and_our_reference(heard):
    assert heard() == Event(heard.task.id, REF)


def test_the_keys_are_asked_for_once_and_without_our_key(desk, heard):
    for _again in range(3):
        heard()

    [asked] = keys_asked(desk)
    assert not [secret for secret in desk.secrets if secret in str(asked.headers)]


@pytest.mark.parametrize(
    "head",
    [
        {"alg": "none"}, {"alg": "None"}, {"alg": "HS256"}, {"alg": "RS512"}, {"alg": "PS256"}, {"alg": None},
        {"kid": "nobodys"}, {"kid": ""}, {"kid": None}, {"kid": 7}, {"kid": ["a-key-of-google-1"]}, {"crit": ["b64"]},
    ],
    ids=str,
)  # fmt: skip
def test_what_a_token_says_of_its_signature_does_not_help_it(head, desk, heard):
    """It is signed as it should be; only one way of signing counts, and only a key that it names and that is known."""
    with pytest.raises(Forged):
        heard(desk.fake.token(head, iat=NOW))


def test_a_token_signed_with_the_public_key_as_a_secret_is_forged(desk, heard):
    head = {"alg": "HS256", "kid": desk.fake.kid}
    signed = ".".join(_b64(json.dumps(each).encode()) for each in (head, {"iat": NOW}))
    secret = desk.fake.jwks(None).body["keys"][0]["n"].encode()
    mac = hmac.digest(secret, signed.encode(), "sha256")
    for token in (f"{signed}.{_b64(mac)}", f"{signed}."):
        with pytest.raises(Forged):
            heard(token)


def test_a_token_of_somebody_elses_key_or_digest_is_forged(desk, heard):
    signed = desk.fake.token(iat=NOW).rpartition(".")[0]
    stranger = rsa.generate_private_key(65537, 2048)
    for key, digest in ((stranger, SHA256()), (signing_key(desk.fake.kid), SHA512())):
        with pytest.raises(Forged):
            heard(f"{signed}.{_b64(key.sign(signed.encode(), padding.PKCS1v15(), digest))}")


def test_a_bent_token_is_forged(desk, heard):
    head, said, signature = desk.fake.token(iat=NOW, sub="me").split(".")
    other = _b64(json.dumps({"iat": NOW, "sub": "you"}).encode())
    bent = [
        f"{head}.{other}.{signature}", f"{head}.{said}.{signature[::-1]}", f"{head}.{said}.{signature[:-4]}",
        f"{head}.{said}.", f"{head}..{signature}", f".{said}.{signature}", "..", f"{head}.{said}.{signature}=",
        f"{head}.{said}.\n{signature}", f"{_b64(b'[]')}.{said}.{signature}", f"{head}.{said}.é",
        f"{_b64(b'[' * 5000)}.{said}.{signature}", f"{head}.{said}.{'A' * 9000}",
    ]  # fmt: skip
    for token in bent:
        with pytest.raises(Forged):
            heard(token)


@pytest.mark.parametrize(
    ("claims", "is_good"),
    [
        ({"iat": NOW - 299}, True), ({"iat": NOW - 301}, False),
        ({"iat": NOW + 299}, True), ({"iat": NOW + 301}, False),
        ({"iat": NOW, "exp": NOW - 299}, True), ({"iat": NOW, "exp": NOW - 301}, False),
        ({"iat": NOW, "exp": NOW + 10**9}, True), ({"exp": NOW + 3600}, True), ({"exp": NOW + 10**9}, False),
        ({"iat": NOW, "nbf": NOW + 299}, True), ({"iat": NOW, "nbf": NOW + 301}, False),
        ({}, False), ({"iat": str(NOW)}, False), ({"iat": True}, False), ({"iat": float("nan")}, False),
        ({"iat": NOW, "exp": 10**400}, False), ({"iat": float(NOW)}, True),
    ],
    ids=str,
)  # fmt: skip
def test_a_token_counts_for_five_minutes_by_what_it_tells(claims, is_good, desk, heard):
    if is_good:
        assert heard(desk.fake.token(**claims)).task_id == heard.task.id
        return
    with pytest.raises(Forged):
        heard(desk.fake.token(**claims))


@pytest.mark.parametrize("moment", [str(NOW - 301), str(NOW + 301), "", "soon", "²", "-1", "9" * 5000])
def test_the_time_beside_the_token_must_be_near_too(moment, heard):
    with pytest.raises(Forged):
        heard(**{"webhook-timestamp": moment})


@pytest.mark.parametrize(
    "write", [bytes.hex, base64.b64encode, base64.urlsafe_b64encode, _b64], ids=lambda w: w.__name__
)
@pytest.mark.parametrize("name", ["body_hash", "request_body_sha256", "sha256"])
def test_a_token_that_tells_the_digest_of_the_body_covers_it(name, write, desk, heard):
    written = write(hashlib.sha256(heard.body).digest())
    token = desk.fake.token(iat=NOW, **{name: written if isinstance(written, str) else written.decode()})

    with pytest.raises(Forged):
        heard(token, heard.body + b" ")
    assert heard(token).task_id == heard.task.id


SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def twin(token):
    """The same token, its last sign written in another way that says the same."""
    n = SIGNS.index(token[-1])
    return token[:-1] + SIGNS[n ^ 1]


def test_a_token_that_covers_nothing_comes_with_one_body_only(desk, heard):
    other = heard.body.replace(heard.task.id.encode(), b"anothers")
    token = desk.fake.token(iat=NOW)
    assert heard(token) == heard(token)

    for again in (token, twin(token)):
        with pytest.raises(Forged):
            heard(again, other)
    assert heard(twin(desk.fake.token(iat=NOW, jti="2"))), "it says the same, so it proves the same"


@pytest.mark.parametrize(
    ("audience", "is_ours"),
    [
        ("https://studio.example/webhooks/gemini/w3bh00k-t0ken/", True),
        (["a-project", "https://studio.example"], True),
        ("projects/123456", True), (None, True), ("https://elsewhere.example/hook", False),
        (["https://studio.example", "https://elsewhere.example"], False), ("https://[", False),
    ],
    ids=str,
)  # fmt: skip
def test_a_token_for_somebody_elses_address_is_not_for_us(audience, is_ours, desk, heard):
    """Whoever has a key at Google gets genuine tokens, for addresses of their own."""
    token = desk.fake.token(iat=NOW, aud=audience)
    if is_ours:
        assert heard(token).task_id == heard.task.id
        return
    with pytest.raises(Forged):
        heard(token)


def test_an_event_that_stands_in_the_token_counts_and_not_the_one_beside_it(desk, heard):
    told = {"type": "interaction.completed", "data": {"id": "what-google-signed"}}

    assert heard(desk.fake.token(iat=NOW, **told)).task_id == "what-google-signed"


@pytest.mark.parametrize("body", [b"{}", b'{"version": "v1", "data": {}}'])
def test_one_that_names_nobody_is_believed_since_our_address_has_the_reference(body, heard):
    assert heard(body=body) == Event()


# --- the key server -------------------------------------------------------------------------------------------------


def test_a_new_key_is_learned_after_a_while_and_strangers_do_not_make_us_ask_before(desk, heard, monkeypatch):
    heard()
    desk.fake.kid = "a-key-of-google-2"
    token = desk.fake.token(iat=NOW)
    for _again in range(3):
        with pytest.raises(Forged):
            heard(token)
    assert len(keys_asked(desk)) == 1

    later = time.monotonic() + signing_keys.FRESH + 1
    monkeypatch.setattr(signing_keys.time, "monotonic", lambda: later)

    assert heard(token).task_id == heard.task.id
    assert len(keys_asked(desk)) == 2


@pytest.mark.parametrize("trouble", ["broken", "cut", "html", "redirect_inside", "huge", "no_keys", "large"])
def test_while_no_keys_can_be_had_nothing_is_believed_and_they_are_asked_for_again_soon(
    trouble, desk, heard, monkeypatch
):
    desk.fake.fault_no_keys = lambda request, act: Reply(200, {"keys": []})
    desk.fake.fault_large = lambda request, act: Reply(200, act().body | {"more": "x" * signing_keys.LIMIT})
    desk.fake.fault_huge = lambda request, act: Reply(200, b"x" * (11 << 20))
    desk.fake.next("jwks", trouble)
    for _again in range(3):
        with pytest.raises(Forged):
            heard()
    assert len(keys_asked(desk)) == 1, "strangers could make us ask with each call"

    later = time.monotonic() + signing_keys.SOON + 1
    monkeypatch.setattr(signing_keys.time, "monotonic", lambda: later)

    assert heard().task_id == heard.task.id


def test_keys_that_were_had_go_on_proving_while_the_key_server_is_silent(desk, heard, monkeypatch):
    heard()
    later = time.monotonic() + signing_keys.KEPT + 1
    monkeypatch.setattr(signing_keys.time, "monotonic", lambda: later)
    desk.fake.next("jwks", "broken")

    assert heard().task_id == heard.task.id
    assert len(keys_asked(desk)) == 2


@pytest.mark.parametrize(
    "bent",
    [
        {"kty": "EC"}, {"alg": "PS256"}, {"use": "enc"}, {"n": "AQAB"}, {"n": "é"}, {"n": None}, {"e": "Ag"}, {"e": ""},
        {"n": _b64(b"\xff" * 2048)},
    ],
    ids=lambda bent: str(bent)[:30],
)  # fmt: skip
def test_a_key_that_is_none_for_this_proves_nothing(bent, desk, heard):
    desk.fake.fault_bent = lambda request, act: Reply(200, {"keys": ["?", {}, act().body["keys"][0] | bent]})
    desk.fake.next("jwks", "bent")

    with pytest.raises(Forged):
        heard()


def test_a_key_that_is_too_short_proves_nothing_though_it_signed(desk, heard, monkeypatch):
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that is what must not count
    monkeypatch.setattr("tests.fakes.gemini.signing_key", lambda kid: short)

    with pytest.raises(Forged):
        heard(desk.fake.token(iat=NOW))


def test_a_key_belongs_to_the_address_it_was_read_at(desk, heard, town):
    """An account at another address is not proven by Google's keys, nor Google's by the keys there."""
    heard()
    token = desk.fake.token(iat=NOW)
    elsewhere = desk.account_at(f"{town.url('gemini')}-elsewhere")

    with pytest.raises(Forged):
        desk.engine.event(elsewhere, {"webhook-timestamp": str(NOW), "webhook-signature": token}, heard.body)
    assert heard(token).task_id == heard.task.id


def test_only_so_many_addresses_are_remembered(monkeypatch):
    monkeypatch.setattr(signing_keys, "MOST", 3)
    monkeypatch.setattr(signing_keys, "_read", lambda url, allows_private: [{"kid": url}])
    for n in range(8):
        signing_keys.prove(f"https://k{n}.example/", False, bool)

    assert len(signing_keys._places) <= 3


def test_a_silent_key_server_is_waited_for_as_briefly_as_any(desk, heard, monkeypatch):
    monkeypatch.setattr(client, "BRIEFLY", 0.2)
    monkeypatch.setattr(signing_keys, "BRIEFLY", 0.2)
    desk.fake.fault_silent = lambda request, act: Reply(cut=True, hang=30)
    desk.fake.next("jwks", "silent")
    began = time.monotonic()

    with pytest.raises(Forged):
        heard()

    assert time.monotonic() - began < 25


def test_while_keys_are_asked_for_anew_the_known_ones_go_on_proving(monkeypatch):
    monkeypatch.setattr(signing_keys, "_read", lambda url, allows_private: [{"kid": "old"}])
    signing_keys.prove(KEYS_AT, False, bool)
    later = time.monotonic() + signing_keys.KEPT + 1
    monkeypatch.setattr(signing_keys.time, "monotonic", lambda: later)
    place = signing_keys._places[KEYS_AT]

    with ThreadPoolExecutor(1) as threads, place.asking._one:
        assert threads.submit(signing_keys.prove, KEYS_AT, False, bool).result(timeout=60) is None


# --- through our own door -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_our_address_alone_says_which_submission_it_is_where_callbacks_tell_nothing_back(desk, town):
    account = Connection.objects.create(provider="gemini", label="mine", base_url=town.url("gemini"))
    desk.fake.tells_metadata = False
    task = desk.fake.tasks[desk.submit(ref=REF).task_id]
    headers, body = desk.fake.callback(task)
    door = f"/webhooks/gemini/{account.webhook_token}/?ref={REF}"

    assert Client().post(door, body, "application/json", headers=headers).status_code == 204

    event = WebhookEvent.objects.get()
    assert (event.task_id, event.ref) == (task.id, REF)
