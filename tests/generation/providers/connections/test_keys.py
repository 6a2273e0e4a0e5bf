"""Keys of connections: encryption, versions in use, resealing, and secrecy."""

import json
import logging
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import privacy
from accounts.models import AuditEvent, User
from common import secrets
from generation.clip_spec import ClipSpec
from generation.providers import registry
from generation.providers.connections import keys
from generation.providers.connections import services as connection_services
from generation.providers.connections.open_connection import open_connection
from generation.providers.models import Connection, ConnectionKey
from generation.services.clips import create_clips
from jobs.models import Attempt, Job
from tests.fakes.echo import EchoProvider
from tests.generation.providers.connections.conftest import KEY

pytestmark = pytest.mark.django_db
NEW_KEY = "new-key-9876543210zyxwvu"
HEADERS = {"X-Team": "header-value-112233"}


@pytest.fixture
def connection(connect, mika):
    return connect(mika, headers=HEADERS)


@pytest.fixture
def create_waiting_clip(mika):
    """``create_waiting_clip(connection)``: a clip of Mika's on this connection, whose job is not due."""

    def create(connection, key="k"):
        form = {
            "prompt": "a cat", "negative_prompt": "", "style": "cel", "provider": "echo", "model": "echo-1",
            "ratio": "16:9", "resolution": 540, "seconds": 5, "seed": 7, "paint": True, "chips_off": [], "options": {},
            "connection": connection,
        }  # fmt: skip
        [clip] = create_clips(ClipSpec(**form), workspace=mika.workspaces.get(), by=mika, idem_key=key)
        Job.objects.filter(pk=clip.job_id).update(next_run_at=timezone.now() + timedelta(hours=5))
        return clip

    return create


def create_attempt(clip, connection, **facts):
    return Attempt.objects.create(
        job=clip.job, n=1, client_ref=clip.pk.hex, provider="echo", connection_id=connection.pk,
        key_version=connection.key_version, **facts,
    )  # fmt: skip


def age_keys():
    ConnectionKey.objects.update(created_at=timezone.now() - timedelta(hours=2))


def is_due(clip):
    return Job.objects.due().filter(pk=clip.job_id).exists()


def test_stored_key_cannot_be_read_without_the_site_key(connection, settings):
    row = ConnectionKey.objects.get()

    assert KEY not in row.sealed and "X-Team" not in row.sealed
    assert secrets.decrypt(row.sealed) == {"keys": {"api_key": KEY}, "headers": HEADERS}
    assert open_connection(connection).headers == HEADERS
    settings.CONNECTION_KEYS = ["another"]
    with pytest.raises(secrets.DecryptionError):
        secrets.decrypt(row.sealed)


def test_new_key_is_a_new_version_and_other_fields_are_kept(connection, mika):
    connection_services.change_connection(connection, by=mika, secret={"keys": {"signing": "sign-0123456789abcdef"}})
    connection_services.change_connection(connection, by=mika, secret={"keys": {"api_key": NEW_KEY}})

    assert connection.key_version == 3
    opened = open_connection(connection)
    assert opened.keys == {"api_key": NEW_KEY, "signing": "sign-0123456789abcdef"} and opened.headers == HEADERS
    assert open_connection(connection, 1).keys == {"api_key": KEY}


def test_removed_fields_are_deleted(connection, mika):
    connection_services.change_connection(connection, by=mika, forget=["headers"])

    assert open_connection(connection).headers == {} and open_connection(connection).keys == {"api_key": KEY}


def test_new_key_clears_the_error_and_resumes_waiting_jobs(connection, mika, create_waiting_clip):
    clip = create_waiting_clip(connection)
    later = timezone.now() + timedelta(minutes=5)
    Connection.objects.filter(pk=connection.pk).update(health="broken", last_error="bad key", paused_until=later)
    assert not is_due(clip)

    connection_services.change_connection(connection, by=mika, secret={"keys": {"api_key": NEW_KEY}})

    assert (connection.health, connection.last_error, connection.paused_until) == ("untested", "", None)
    assert is_due(clip)


def test_new_label_changes_neither_key_nor_health(connection, mika):
    Connection.objects.filter(pk=connection.pk).update(health="good")

    connection_services.change_connection(connection, by=mika, label="Renamed")

    assert (connection.label, connection.key_version, connection.health) == ("Renamed", 1, "good")


def test_old_key_versions_are_kept_while_in_use_and_then_deleted(connection, mika, create_waiting_clip):
    clip = create_waiting_clip(connection)
    attempt = create_attempt(clip, connection, outcome="accepted", provider_task_id="t1")
    connection_services.change_connection(connection, by=mika, secret={"keys": {"api_key": NEW_KEY}})
    age_keys()

    keys.delete_unused()
    assert list(connection.keys.values_list("version", flat=True).order_by("version")) == [1, 2]
    assert open_connection(connection, attempt.key_version).keys == {"api_key": KEY}

    Attempt.objects.update(outcome="refused")
    keys.delete_unused()
    assert [row.version for row in connection.keys.all()] == [2]


def test_key_replaced_just_now_is_kept_for_running_steps(connection, mika):
    connection_services.change_connection(connection, by=mika, secret={"keys": {"api_key": NEW_KEY}})

    keys.delete_unused()

    assert connection.keys.count() == 2


def test_keys_of_a_deleted_connection_are_deleted_once_unused(connection, mika, create_waiting_clip):
    clip = create_waiting_clip(connection)
    create_attempt(clip, connection, outcome="accepted", provider_task_id="t1")
    connection_services.delete_connection(connection, by=mika)
    age_keys()
    Connection.objects.update(deleted_at=timezone.now() - timedelta(hours=2))

    keys.delete_unused()
    assert connection.keys.count() == 1
    assert is_due(clip), "the waiting job is not due"

    Job.objects.update(state="ready")
    keys.delete_unused()
    assert connection.keys.count() == 0


def test_newest_key_of_a_deleted_connection_replaces_an_older_one(connection, mika, create_waiting_clip):
    create_attempt(create_waiting_clip(connection), connection, outcome="accepted", provider_task_id="t1")
    connection_services.change_connection(connection, by=mika, secret={"keys": {"api_key": NEW_KEY}})
    connection_services.delete_connection(connection, by=mika)
    age_keys()
    Connection.objects.update(deleted_at=timezone.now() - timedelta(hours=2))

    keys.delete_unused()
    assert connection.keys.count() == 2

    Job.objects.update(state="ready")
    keys.delete_unused()
    assert connection.keys.count() == 0


def test_keys_are_resealed_with_the_first_site_key(connection, settings):
    old = settings.CONNECTION_KEYS
    settings.CONNECTION_KEYS = ["fresh", *old]
    call_command("reseal_connections", stdout=StringIO())

    settings.CONNECTION_KEYS = ["fresh"]

    assert open_connection(connection).keys == {"api_key": KEY}


def test_unreadable_keys_are_named_and_the_rest_is_resealed(connection, connect, mika, settings):
    old = settings.CONNECTION_KEYS
    settings.CONNECTION_KEYS = ["forgotten"]
    lost = connect(mika)
    settings.CONNECTION_KEYS = ["fresh", *old]

    with pytest.raises(CommandError, match=str(lost.pk)):
        call_command("reseal_connections", stdout=StringIO())

    settings.CONNECTION_KEYS = ["fresh"]
    assert open_connection(connection).keys == {"api_key": KEY}


def test_page_asks_again_for_an_unreadable_key(connection, sign_in, mika, settings):
    settings.CONNECTION_KEYS = ["another"]
    browser = sign_in(mika)

    assert "Paste the provider’s key again" in browser.get("/settings/connections/").content.decode()
    answer = browser.post(f"/settings/connections/{connection.pk}/", {"label": "Echo"})
    assert answer.status_code == 422
    browser.post(f"/settings/connections/{connection.pk}/", {"label": "Echo", "key_api_key": NEW_KEY})

    connection.refresh_from_db()
    assert open_connection(connection).keys == {"api_key": NEW_KEY}


def test_secret_is_in_no_page_log_export_or_row_but_the_sealed_one(
    connection, sign_in, mika, fake, run_connection_tests, caplog, settings
):
    caplog.set_level(logging.DEBUG)
    settings.IS_EMBEDDED = True
    User.objects.filter(pk=mika.pk).update(is_staff=True, is_superuser=True)
    browser = sign_in(mika)
    home = mika.workspaces.get()
    fake.next("account", "auth")
    connection_services.change_connection(
        connection, by=mika, base_url=fake.url, secret={"keys": {"api_key": KEY}, "headers": HEADERS}
    )
    browser.post(f"/settings/connections/{connection.pk}/test/")
    run_connection_tests()
    values = [json.dumps(privacy.collect_all(mika), default=str), caplog.text]
    for row in (*Connection.objects.values(), *Job.objects.values(), *AuditEvent.objects.values()):
        values.append(str(row))

    invalid_form = {"key_api_key": NEW_KEY, "headers": "X: " + HEADERS["X-Team"], "concurrency": "0"}
    url = f"/settings/connections/{connection.pk}/"
    for address in (
        "/settings/connections/", f"/settings/connections/of/{home.pk}/", url, f"{url}delete/", "/create/",
        "/create/?provider=echo", "/jobs/", f"/jobs/{Job.objects.get().pk}/", "/admin/generation/connection/",
        "/admin/accounts/auditevent/", f"/admin/jobs/job/{Job.objects.get().pk}/change/", "/settings/privacy/",
    ):  # fmt: skip
        answer = browser.get(address)
        assert answer.status_code == 200, address
        values.append(answer.content.decode())
    values.append(browser.post(url, invalid_form).content.decode())

    for secret in (KEY, NEW_KEY, HEADERS["X-Team"]):
        assert [text for text in values if secret in text] == []
    assert any("…cdef" in text for text in values)


ADDRESSES = [
    "http://echo.example", "http://127.0.0.1", "https://127.0.0.1:8188", "https://localhost", "https://comfy",
    "https://10.0.0.1", "https://192.168.1.4", "https://169.254.169.254/latest", "https://[::1]", "https://[fe80::1]",
    "https://[fec0::1]", "https://[::7f00:1]",
    "https://[::ffff:127.0.0.1]", "https://0x7f000001", "https://2130706433", "https://127.1", "https://0",
    "https://gpu.local", "https://a.internal", "https://user:pass@echo.example", "https://echo.example?x=1",
    "https://echo.example#x", "ftp://echo.example", "//echo.example", "echo.example", "https://", "https://a b.example",
    "https://echo.example\\@evil.example", "https://echo.example:99999", "https://-a.example", "https://a..b.example",
    "https://100.64.0.1", "https://0.0.0.0", "https://224.0.0.1", "https://localhost.", "https://127.0.0.1.",
    "https://\u2460.example\u3002local", "https://" + "a" * 300 + ".example",
]  # fmt: skip


def test_private_or_invalid_address_is_refused(sign_in, mika, stub, subtests):
    for address in ADDRESSES:
        with subtests.test(address=address):
            form = {"key_api_key": KEY, "base_url": address}

            answer = sign_in(mika).post("/settings/connections/add/?provider=echo", form)

            assert answer.status_code == 422
            assert not Connection.objects.exists()


@pytest.mark.parametrize(
    "address", ["https://eu.echo.example/v2/", "https://93.184.216.34", "https://echo.example:8443"]
)
def test_public_address_is_accepted(sign_in, mika, stub, address):
    sign_in(mika).post("/settings/connections/add/?provider=echo", {"key_api_key": KEY, "base_url": address})

    assert Connection.objects.get().base_url == address.rstrip("/")


def test_private_address_is_accepted_if_allowed(sign_in, mika, stub, settings):
    settings.PROVIDER_PRIVATE_HOSTS = ["gpu:8188"]
    browser = sign_in(mika)

    for address in ("http://gpu:8188", "http://gpu:8189"):
        browser.post("/settings/connections/add/?provider=echo", {"key_api_key": KEY, "base_url": address})

    assert [row.base_url for row in Connection.objects.all()] == ["http://gpu:8188"]


def test_kept_key_is_not_sent_to_a_changed_address(sign_in, mika, connection):
    browser = sign_in(mika)
    url = f"/settings/connections/{connection.pk}/"

    answer = browser.post(url, {"base_url": "https://evil.example"})
    assert answer.status_code == 422
    assert "enter this again" in answer.content.decode()

    connection_services.change_connection(connection, by=mika, base_url="https://evil.example")
    assert open_connection(connection).keys == {} and open_connection(connection).headers == {}


def test_changed_address_asks_for_the_headers_again(sign_in, mika, connection):
    form = {"base_url": "https://eu.echo.example", "key_api_key": NEW_KEY}

    answer = sign_in(mika).post(f"/settings/connections/{connection.pk}/", form)

    assert answer.status_code == 422 and "enter this again" in answer.content.decode()
    assert open_connection(connection).headers == HEADERS


def test_kept_key_is_not_sent_to_an_address_in_a_plain_field(sign_in, mika, connection):
    answer = sign_in(mika).post(f"/settings/connections/{connection.pk}/", {"key_region": "https://evil.example"})

    assert answer.status_code == 422
    assert open_connection(connection).keys == {"api_key": KEY}


def test_private_address_in_a_plain_field_is_refused(sign_in, mika, stub):
    form = {"key_api_key": KEY, "key_region": "http://169.254.169.254"}

    assert sign_in(mika).post("/settings/connections/add/?provider=echo", form).status_code == 422


POLLING_CHANGES = [{"base_url": "https://echo.example/v2"}, {"key_region": "us"}, {"key_region": ""}]


@pytest.mark.parametrize("form", POLLING_CHANGES, ids=["path", "a changed fact", "a removed fact"])
def test_polling_fields_cannot_change_while_clips_are_running(sign_in, mika, connection, create_waiting_clip, form):
    Connection.objects.update(facts={"region": "eu"})
    create_attempt(create_waiting_clip(connection), connection, outcome="accepted", provider_task_id="t1")
    before, browser, url = Connection.objects.get(), sign_in(mika), f"/settings/connections/{connection.pk}/"
    same = {"label": "Echo", "key_region": "eu"}

    answer = browser.post(url, same | form | {"label": "Renamed", "key_api_key": NEW_KEY})

    assert answer.status_code == 422
    assert "1 clip still uses the old address or settings" in answer.content.decode()
    now = Connection.objects.get()
    assert (now.base_url, now.facts, now.label, now.key_version) == ("", {"region": "eu"}, "Echo", before.key_version)
    assert connection.keys.count() == 1

    assert browser.post(url, same | {"base_url": "https://echo.example/"}).status_code == 302, (
        "an unchanged address was refused"
    )
    assert browser.post(url, same | {"label": "Renamed", "key_api_key": NEW_KEY}).status_code == 302
    Job.objects.update(state="ready")
    assert browser.post(url, same | form).status_code == 302


def test_other_plain_fields_can_change_at_any_time(sign_in, mika, connection, create_waiting_clip, monkeypatch):
    """For example a webhook id of a busy connection."""
    fields = [replace(field, is_used_for_polling=False) for field in registry.providers()["echo"].key_fields]
    monkeypatch.setattr(type(registry.providers()["echo"]), "key_fields", tuple(fields))
    Connection.objects.update(facts={"region": "eu"})
    create_attempt(create_waiting_clip(connection), connection, outcome="accepted", provider_task_id="t1")

    answer = sign_in(mika).post(f"/settings/connections/{connection.pk}/", {"label": "Echo", "key_region": "us"})

    assert answer.status_code == 302
    assert (Connection.objects.get().facts, connection.keys.count()) == ({"region": "us"}, 1)


def test_every_field_declares_whether_polling_uses_it():
    remote = {slug: field for slug, field in registry.connectable_providers().items() if not field.is_local}

    form = {
        slug: [field.name for field in provider.key_fields if field.is_used_for_polling]
        for slug, provider in remote.items()
    }

    assert {slug: names for slug, names in form.items() if names} == {
        "gemini": ["version"],
        "openai-compatible": ["video_location"],
    }


def test_permission_for_a_private_address_ends_when_the_address_changes(mika, connection):
    Connection.objects.filter(pk=connection.pk).update(allows_private=True, base_url="http://10.0.0.1")

    connection_services.change_connection(
        connection, by=mika, base_url="https://echo.example", secret={"keys": {"api_key": KEY}}
    )

    assert connection.allows_private is False


def test_permission_for_a_private_address_covers_no_other(sign_in, mika, connect, subtests):
    for address, status in (
        ("http://10.0.0.1:8188/below", 302),
        ("http://10.0.0.1:8189", 422),
        ("https://10.0.0.1:8188", 422),
        ("http://10.0.0.2:8188", 422),
    ):
        with subtests.test(address=address, status=status):
            connection = connect(mika, base_url="http://10.0.0.1:8188", allows_private=True)

            answer = sign_in(mika).post(
                f"/settings/connections/{connection.pk}/", {"base_url": address, "key_api_key": KEY}
            )

            assert answer.status_code == status
            connection.refresh_from_db()
            assert connection.base_url == (address if status == 302 else "http://10.0.0.1:8188")


@pytest.mark.parametrize("address", ["https://gate.example:8443", "http://gate.example"])
def test_another_port_or_scheme_is_another_address(mika, connect, address):
    connection = connect(mika, base_url="https://gate.example", headers=HEADERS)

    connection_services.change_connection(connection, by=mika, base_url=address)

    assert (open_connection(connection).keys, open_connection(connection).headers) == ({}, {})


def test_mask_shows_four_characters_of_long_keys_only(subtests):
    for key, shown in (
        ("", "…"),
        ("short", "…"),
        ("x" * 15, "…"),
        ("0123456789abcdef", "…cdef"),
        (KEY, "…cdef"),
    ):
        with subtests.test(key=key, shown=shown):
            assert secrets.mask(key) == shown


def test_passed_connection_test_resumes_waiting_jobs(
    connection, create_waiting_clip, sign_in, mika, fake, run_connection_tests
):
    connection_services.change_connection(connection, by=mika, base_url=fake.url, secret={"keys": {"api_key": KEY}})
    clip = create_waiting_clip(connection)
    sign_in(mika).post(f"/settings/connections/{connection.pk}/test/")
    assert not is_due(clip)

    run_connection_tests()

    assert is_due(clip)


def test_test_of_the_previous_key_does_not_change_health(
    connection, sign_in, mika, fake, run_connection_tests, monkeypatch
):
    connection_services.change_connection(
        connection, by=mika, base_url=fake.url, secret={"keys": {"api_key": "a-wrong-key-0123456789"}}
    )
    check = EchoProvider.check

    def replace_key_and_check(engine, opened):
        connection_services.change_connection(Connection.objects.get(), by=mika, secret={"keys": {"api_key": KEY}})
        return check(engine, opened)

    monkeypatch.setattr(EchoProvider, "check", replace_key_and_check)
    sign_in(mika).post(f"/settings/connections/{connection.pk}/test/")
    run_connection_tests()

    connection.refresh_from_db()
    assert (connection.health, connection.last_error) == (Connection.Health.UNTESTED, "")
