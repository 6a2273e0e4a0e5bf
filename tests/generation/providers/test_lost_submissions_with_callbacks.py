"""A submission whose answer was lost is completed by a callback and charged once.

The provider's list is not searched here, since a list may be late or ambiguous.
"""

import re
import time
from urllib.parse import unquote, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from generation.models import Clip
from generation.providers.connections import keys as key_versions
from generation.providers.models import WebhookEvent
from generation.providers.remote import Recovery, Search
from jobs.lifecycle import recovery
from jobs.models import Attempt, Job, State
from tests.generation.providers.contract import CONTRACT, GEMINI, GEMINI_STATIC, KLING, REPLICATE
from tests.generation.providers.customer import Customer

pytestmark = pytest.mark.django_db
CALLBACK_ONLY = [entry for entry in CONTRACT if entry.load_provider().declared.recovery == Recovery.WEBHOOK]


@pytest.fixture
def lose_clip(build_harness, fake_server, settings, monkeypatch):
    """``lose_clip(entry)``: a submission whose response was lost. Its provider cannot be searched."""
    settings.SITE_URL, settings.IS_HTTPS = "https://studio.example", True

    def create(entry):
        monkeypatch.setattr(type(entry.load_provider()), "find", lambda *_arguments: Search.UNDECIDED)
        return Lost(build_harness(entry), fake_server.url(entry.slug))

    return create


class Lost(Customer):
    def __init__(self, harness, base_url):
        super().__init__(harness, base_url)
        harness.fake.next("submit", "cut_after_create")
        self.job = self.run_job(self.create_job(), State.SUBMITTING)
        [self.task] = harness.fake.created

    def replace_keys(self, keys):
        self.connection.key_version = key_versions.store_version(self.connection, {"keys": keys, "headers": {}})
        self.connection.save()

    def send_callback(self):
        """Post the callback to the address in the request, or to the one set up at the provider."""
        path = f"/webhooks/{self.slug}/{self.connection.webhook_token}/"
        texts = [f"{unquote(str(call.query))} {unquote(call.body.decode())}" for call in self.harness.fake.calls]
        found = re.search(rf"https://[^\s\"']*{re.escape(path)}[^\s\"'}}]*", " ".join(texts))
        parts = urlsplit(found[0]) if found else urlsplit(path)
        headers, body = self.harness.entry.callback(self.harness.fake, self.task, time.time())
        address = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return Client().post(address, body, "application/json", headers=headers).status_code


def test_the_expected_providers_recover_by_callback_only():
    assert {entry.slug for entry in CALLBACK_ONLY} == {"fal", "gemini", "minimax"}


@pytest.mark.parametrize("entry", [*CALLBACK_ONLY, GEMINI_STATIC, KLING], ids=lambda entry: entry.name)
def test_callback_completes_a_lost_submission_and_buys_nothing_again(entry, lose_clip):
    lost = lose_clip(entry)
    assert 200 <= lost.send_callback() < 300

    job = lost.run_job(lost.job)

    assert job.state == State.READY, job.error_public
    assert Clip.objects.get(job=job).file("mezzanine")
    assert len(lost.harness.fake.created) == 1


@pytest.mark.parametrize("entry", [KLING, REPLICATE], ids=lambda entry: entry.name)
def test_callback_for_a_released_job_becomes_a_free_take(entry, lose_clip):
    lost = lose_clip(entry)
    job = lost.run_job(lost.job, State.UNKNOWN)
    Job.objects.filter(pk=job.pk).update(state=State.UNKNOWN)
    job.refresh_from_db()
    recovery.release(job, by=lost.user)

    assert 200 <= lost.send_callback() < 300

    [late_job] = Job.objects.exclude(pk=job.pk)
    assert late_job.deadline_at is not None
    late_job = lost.run_job(late_job)
    assert (late_job.state, late_job.price_charged) == (State.READY, 0), late_job.error_public
    assert Attempt.objects.get(job=late_job).provider_task_id == lost.task.id


CALLBACK_PROMISED = "It may still notify us of the result"
NOT_SEARCHABLE = "can’t be asked about the result"
FREE_CLIP = "If the video arrives after all, you get it for free."
CANNOT_FIND_OUT = "The studio cannot find out whether Google Gemini Omni generated this."


KEY_SETS = {"address": dict(GEMINI.keys), "secret": dict(GEMINI_STATIC.keys)}


@pytest.mark.parametrize(("then", "now"), [("address", "secret"), ("secret", "address")])
def test_gemini_callback_is_promised_after_a_change_of_keys(then, now, build_harness, fake_server, settings):
    """The request itself asked for the callback, so later keys do not matter."""
    settings.SITE_URL, settings.IS_HTTPS = "https://studio.example", True
    lost = Lost(build_harness(GEMINI, keys=KEY_SETS[then]), fake_server.url("gemini"))
    assert ("uris" in lost.task.request.get("webhook_config", {})) == (then == "address")
    lost.replace_keys(KEY_SETS[now])
    Job.objects.filter(pk=lost.job.pk).update(state=State.UNKNOWN)
    browser = Client()
    browser.force_login(lost.user)

    page = browser.get(reverse("jobs:job", args=[lost.job.pk])).text
    lost.job.refresh_from_db()
    text = recovery.release(lost.job, by=lost.user).error_public

    assert CALLBACK_PROMISED in page and NOT_SEARCHABLE not in page
    assert FREE_CLIP in text and CANNOT_FIND_OUT not in text
    lost.send_callback()
    assert WebhookEvent.objects.exclude(ref="").exists()


def test_older_gemini_submission_requested_callbacks_if_there_was_a_secret(build_harness):
    for entry, is_expected in ((GEMINI, False), (GEMINI_STATIC, True)):
        harness = build_harness(entry)
        assert harness.provider.has_callbacks(harness.connection, {}) == is_expected


def test_callback_naming_another_users_task_delivers_no_video(lose_clip):
    """A token need not cover the callback's body, so the task itself must confirm our reference."""
    lost = lose_clip(GEMINI)
    other = lost.harness.fake.create(lost.task.request | {"labels": {"job": "another-request-of-this-account"}})
    other.request["webhook_config"] = lost.task.request["webhook_config"]
    lost.task = other

    assert 200 <= lost.send_callback() < 300
    job = lost.run_job(lost.job)

    assert job.state != State.READY
    assert not Clip.objects.get(job=job).files.exists()
    assert not [call for call in lost.harness.fake.calls if "download" in call.path]
