"""Gemini's callbacks to the address in the request: verified by a token of Google."""

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
from generation.providers.models import Connection, WebhookEvent
from generation.providers.remote import Event, Forged
from generation.providers.webhooks import signing_keys
from tests.fakes.gemini import _b64, signing_key
from tests.fakes.server import Reply
from tests.generation.providers.contract import GEMINI, GEMINI_STATIC

REF = "5f0c1f6e-0000-4000-8000-000000000001"
NOW = 1_790_000_000
KEYS_URL = "https://keys.example/jwks.json"


@pytest.fixture
def harness(build_harness, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: float(NOW))
    return build_harness(GEMINI)


@pytest.fixture
def receive(harness):
    """``receive(token, …)`` returns the event of a callback about the harness's task with that token."""
    task = harness.fake.tasks[harness.submit(ref=REF).task_id]
    headers, callback_body = harness.fake.callback(task)

    def read(token="", body=None, **others):
        sent = headers | {"webhook-signature": token or headers["webhook-signature"]} | others
        return harness.provider.read_callback(harness.connection, sent, callback_body if body is None else body)

    read.task, read.body = task, callback_body
    return read


def key_requests(harness):
    return [call for call in harness.fake.calls if call.path.endswith("jwks.json")]


# --- requests -------------------------------------------------------------------------------------------------------


def test_request_contains_our_callback_address_and_reference(harness):
    harness.submit(ref=REF)

    [task] = harness.fake.created
    assert task.request["webhook_config"] == {
        "uris": [f"{harness.connection.webhook}?ref={REF}"], "user_metadata": {"job": REF},
    }  # fmt: skip


def test_static_webhook_gets_our_reference_and_no_address(build_harness):
    harness = build_harness(GEMINI_STATIC)
    harness.submit(ref=REF)

    assert harness.fake.created[0].request["webhook_config"] == {"user_metadata": {"job": REF}}


@pytest.mark.parametrize("entry", [GEMINI, GEMINI_STATIC], ids=lambda entry: entry.name)
def test_no_callback_is_requested_without_a_public_address(entry, build_harness):
    harness = build_harness(entry, webhook="")
    harness.submit()

    assert "webhook_config" not in harness.fake.created[0].request


def test_api_version_without_callbacks_refuses_the_request_with_a_message(harness):
    harness.fake.supports_webhooks = False
    with pytest.raises(RemoteError) as caught:
        harness.submit()
    error = caught.value
    assert error.fault == Fault.INVALID and "rejected the callback address" in error.message
    assert (harness.submissions, harness.fake.created) == (1, [])


def test_refused_callback_settings_are_not_mistaken_for_other_errors(harness, subtests):
    """A message about the key or the prompt would mislead the administrator."""
    for status, message in (
        (400, "Webhooks are not supported when using an API key."),
        (400, "webhook_config.uris[0]: the URI was blocked by policy"),
        (403, "Webhooks are not enabled for this project."),
        (404, "webhook_config not found"),
        (400, "webhook_config may only be used with background interactions"),
    ):
        with subtests.test(status=status, message=message):
            harness.fake.fault_uncalled = lambda request, act, status=status, message=message: Reply(
                status, {"error": {"code": status, "message": message}}
            )
            harness.fake.next("submit", "uncalled")
            with pytest.raises(RemoteError) as caught:
                harness.submit()
            error = caught.value
            assert (error.fault, error.status, error.detail) == (Fault.INVALID, status, message)
            assert "rejected the callback address" in error.message


# --- verification ---------------------------------------------------------------------------------------------------


def test_google_keys_are_fetched_once_and_without_our_key(harness, receive):
    for _again in range(3):
        receive()

    [key_request] = key_requests(harness)
    assert not [secret for secret in harness.secrets if secret in str(key_request.headers)]


def test_token_header_cannot_weaken_the_verification(harness, receive, subtests):
    """The signature is valid, but only one algorithm and only a known key named in the header are accepted."""
    for head in (
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS256"},
        {"alg": "RS512"},
        {"alg": "PS256"},
        {"alg": None},
        {"kid": "nobodys"},
        {"kid": ""},
        {"kid": None},
        {"kid": 7},
        {"kid": ["a-key-of-google-1"]},
        {"crit": ["b64"]},
    ):
        with subtests.test(head=head), pytest.raises(Forged):
            receive(harness.fake.token(head, iat=NOW))


def test_token_signed_with_the_public_key_as_a_secret_is_refused(harness, receive):
    head = {"alg": "HS256", "kid": harness.fake.kid}
    signed = ".".join(_b64(json.dumps(item).encode()) for item in (head, {"iat": NOW}))
    secret = harness.fake.jwks(None).body["keys"][0]["n"].encode()
    mac = hmac.digest(secret, signed.encode(), "sha256")
    for token in (f"{signed}.{_b64(mac)}", f"{signed}."):
        with pytest.raises(Forged):
            receive(token)


def test_token_of_another_key_or_digest_is_refused(harness, receive):
    signed = harness.fake.token(iat=NOW).rpartition(".")[0]
    foreign_key = rsa.generate_private_key(65537, 2048)
    for key, digest in ((foreign_key, SHA256()), (signing_key(harness.fake.kid), SHA512())):
        with pytest.raises(Forged):
            receive(f"{signed}.{_b64(key.sign(signed.encode(), padding.PKCS1v15(), digest))}")


def test_altered_token_is_refused(harness, receive):
    head, payload, signature = harness.fake.token(iat=NOW, sub="me").split(".")
    other = _b64(json.dumps({"iat": NOW, "sub": "you"}).encode())
    altered = [
        f"{head}.{other}.{signature}", f"{head}.{payload}.{signature[::-1]}", f"{head}.{payload}.{signature[:-4]}",
        f"{head}.{payload}.", f"{head}..{signature}", f".{payload}.{signature}", "..", f"{head}.{payload}.{signature}=",
        f"{head}.{payload}.\n{signature}", f"{_b64(b'[]')}.{payload}.{signature}", f"{head}.{payload}.é",
        f"{_b64(b'[' * 5000)}.{payload}.{signature}", f"{head}.{payload}.{'A' * 9000}",
    ]  # fmt: skip
    for token in altered:
        with pytest.raises(Forged):
            receive(token)


def test_token_is_valid_for_five_minutes_by_its_claims(harness, receive, subtests):
    for claims, is_valid in (
        ({"iat": NOW - 299}, True),
        ({"iat": NOW - 301}, False),
        ({"iat": NOW + 299}, True),
        ({"iat": NOW + 301}, False),
        ({"iat": NOW, "exp": NOW - 299}, True),
        ({"iat": NOW, "exp": NOW - 301}, False),
        ({"iat": NOW, "exp": NOW + 10**9}, True),
        ({"exp": NOW + 3600}, True),
        ({"exp": NOW + 10**9}, False),
        ({"iat": NOW, "nbf": NOW + 299}, True),
        ({"iat": NOW, "nbf": NOW + 301}, False),
        ({}, False),
        ({"iat": str(NOW)}, False),
        ({"iat": True}, False),
        ({"iat": float("nan")}, False),
        ({"iat": NOW, "exp": 10**400}, False),
        ({"iat": float(NOW)}, True),
    ):
        with subtests.test(claims=claims, is_valid=is_valid):
            if is_valid:
                assert receive(harness.fake.token(**claims)).task_id == receive.task.id
            else:
                with pytest.raises(Forged):
                    receive(harness.fake.token(**claims))


def test_timestamp_header_must_be_recent(receive, subtests):
    for moment in (
        str(NOW - 301),
        str(NOW + 301),
        "",
        "soon",
        "²",
        "-1",
        "9" * 5000,
    ):
        with subtests.test(moment=moment), pytest.raises(Forged):
            receive(**{"webhook-timestamp": moment})


def test_token_with_a_body_digest_covers_the_body(harness, receive, subtests):
    for name in (
        "body_hash",
        "request_body_sha256",
        "sha256",
    ):
        for write in (
            bytes.hex,
            base64.b64encode,
            base64.urlsafe_b64encode,
            _b64,
        ):
            with subtests.test(name=name, write=write):
                written = write(hashlib.sha256(receive.body).digest())
                token = harness.fake.token(iat=NOW, **{name: written if isinstance(written, str) else written.decode()})

                with pytest.raises(Forged):
                    receive(token, receive.body + b" ")
                assert receive(token).task_id == receive.task.id


BASE64_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def respell(token):
    """Return an equivalent token with another spelling of its last character."""
    n = BASE64_CHARACTERS.index(token[-1])
    return token[:-1] + BASE64_CHARACTERS[n ^ 1]


def test_token_without_a_body_digest_is_valid_for_one_body(harness, receive):
    other = receive.body.replace(receive.task.id.encode(), b"anothers")
    token = harness.fake.token(iat=NOW)
    assert receive(token) == receive(token)

    for again in (token, respell(token)):
        with pytest.raises(Forged):
            receive(again, other)
    assert receive(respell(harness.fake.token(iat=NOW, jti="2"))), "an equivalent token is refused"


def test_token_with_another_audience_is_refused(harness, receive, subtests):
    """Every Google customer gets genuine tokens for their own addresses."""
    for audience, is_ours in (
        ("https://studio.example/webhooks/gemini/w3bh00k-t0ken/", True),
        (["a-project", "https://studio.example"], True),
        ("projects/123456", True),
        (None, True),
        ("https://elsewhere.example/hook", False),
        (["https://studio.example", "https://elsewhere.example"], False),
        ("https://[", False),
    ):
        with subtests.test(audience=audience, is_ours=is_ours):
            token = harness.fake.token(iat=NOW, aud=audience)
            if is_ours:
                assert receive(token).task_id == receive.task.id
            else:
                with pytest.raises(Forged):
                    receive(token)


def test_event_in_the_token_takes_precedence_over_the_body(harness, receive):
    event = {"type": "interaction.completed", "data": {"id": "what-google-signed"}}

    assert receive(harness.fake.token(iat=NOW, **event)).task_id == "what-google-signed"


@pytest.mark.parametrize("body", [b"{}", b'{"version": "v1", "data": {}}'])
def test_callback_without_a_task_is_accepted_because_the_address_has_our_reference(body, receive):
    assert receive(body=body) == Event()


# --- the key server -------------------------------------------------------------------------------------------------


def test_new_key_is_fetched_after_a_while_and_forgeries_cause_no_fetch(harness, receive, monkeypatch):
    receive()
    harness.fake.kid = "a-key-of-google-2"
    token = harness.fake.token(iat=NOW)
    for _again in range(3):
        with pytest.raises(Forged):
            receive(token)
    assert len(key_requests(harness)) == 1

    later = time.monotonic() + signing_keys.REFRESH_SECONDS + 1
    monkeypatch.setattr(signing_keys.time, "monotonic", lambda: later)

    assert receive(token).task_id == receive.task.id
    assert len(key_requests(harness)) == 2


@pytest.mark.parametrize("fault", ["broken", "cut", "html", "redirect_inside", "huge", "no_keys", "large"])
def test_without_keys_callbacks_are_refused_and_the_fetch_is_retried(fault, harness, receive, monkeypatch):
    harness.fake.fault_no_keys = lambda request, act: Reply(200, {"keys": []})
    harness.fake.fault_large = lambda request, act: Reply(200, act().body | {"more": "x" * signing_keys.MAX_BYTES})
    harness.fake.fault_huge = lambda request, act: Reply(200, b"x" * (11 << 20))
    harness.fake.next("jwks", fault)
    for _again in range(3):
        with pytest.raises(Forged):
            receive()
    assert len(key_requests(harness)) == 1, "each forged callback causes a fetch"

    later = time.monotonic() + signing_keys.RETRY_SECONDS + 1
    monkeypatch.setattr(signing_keys.time, "monotonic", lambda: later)

    assert receive().task_id == receive.task.id


def test_cached_keys_stay_valid_while_the_key_server_is_down(harness, receive, monkeypatch):
    receive()
    later = time.monotonic() + signing_keys.KEEP_SECONDS + 1
    monkeypatch.setattr(signing_keys.time, "monotonic", lambda: later)
    harness.fake.next("jwks", "broken")

    assert receive().task_id == receive.task.id
    assert len(key_requests(harness)) == 2


@pytest.mark.parametrize(
    "altered",
    [
        {"kty": "EC"}, {"alg": "PS256"}, {"use": "enc"}, {"n": "AQAB"}, {"n": "é"}, {"n": None}, {"e": "Ag"}, {"e": ""},
        {"n": _b64(b"\xff" * 2048)},
    ],
    ids=lambda altered: str(altered)[:30],
)  # fmt: skip
def test_unsuitable_key_verifies_nothing(altered, harness, receive):
    harness.fake.fault_altered = lambda request, act: Reply(200, {"keys": ["?", {}, act().body["keys"][0] | altered]})
    harness.fake.next("jwks", "altered")

    with pytest.raises(Forged):
        receive()


def test_short_key_verifies_nothing(harness, receive, monkeypatch):
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that is what must not count
    monkeypatch.setattr("tests.fakes.gemini.signing_key", lambda kid: short)

    with pytest.raises(Forged):
        receive(harness.fake.token(iat=NOW))


def test_keys_are_cached_per_address(harness, receive, fake_server):
    """Keys of one address verify no callback for another."""
    receive()
    token = harness.fake.token(iat=NOW)
    elsewhere = harness.connection_at(f"{fake_server.url('gemini')}-elsewhere")

    with pytest.raises(Forged):
        harness.provider.read_callback(
            elsewhere, {"webhook-timestamp": str(NOW), "webhook-signature": token}, receive.body
        )
    assert receive(token).task_id == receive.task.id


def test_key_cache_is_bounded(monkeypatch):
    monkeypatch.setattr(signing_keys, "MAX_KEY_SETS", 3)
    monkeypatch.setattr(signing_keys, "_fetch_keys", lambda url, allows_private: [{"kid": url}])
    for n in range(8):
        signing_keys.verify_with_keys(f"https://k{n}.example/", False, bool)

    assert len(signing_keys._key_sets) <= 3


def test_cached_keys_stay_valid_during_a_refresh(monkeypatch):
    monkeypatch.setattr(signing_keys, "_fetch_keys", lambda url, allows_private: [{"kid": "old"}])
    signing_keys.verify_with_keys(KEYS_URL, False, bool)
    later = time.monotonic() + signing_keys.KEEP_SECONDS + 1
    monkeypatch.setattr(signing_keys.time, "monotonic", lambda: later)
    cached = signing_keys._key_sets[KEYS_URL]

    with ThreadPoolExecutor(1) as threads, cached.flight._lock:
        assert threads.submit(signing_keys.verify_with_keys, KEYS_URL, False, bool).result(timeout=60) is None


# --- the endpoint ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_callback_address_identifies_the_submission_without_metadata(harness, fake_server):
    connection = Connection.objects.create(provider="gemini", label="mine", base_url=fake_server.url("gemini"))
    harness.fake.echoes_metadata = False
    task = harness.fake.tasks[harness.submit(ref=REF).task_id]
    headers, body = harness.fake.callback(task)
    address = f"/webhooks/gemini/{connection.webhook_token}/?ref={REF}"

    assert Client().post(address, body, "application/json", headers=headers).status_code == 204

    event = WebhookEvent.objects.get()
    assert (event.task_id, event.ref) == (task.id, REF)
