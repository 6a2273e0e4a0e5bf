"""An answer was lost and only a callback can tell: each real provider's call brings the film home, paid once.

Where a list could tell as well, it tells nothing here: it may be late, or show too much to choose from.
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
from jobs import recovery
from jobs.models import Attempt, Job, State
from tests.generation.providers.contract import CALLS_TOO, CONTRACT, GEMINI, GEMINI_STATIC
from tests.generation.providers.customer import Customer

pytestmark = pytest.mark.django_db
ONLY_CALLS = [entry for entry in CONTRACT if entry.engine().declared.recovery == Recovery.WEBHOOK]
CANNOT_NAME_OURS = {"pixverse"}  # its callbacks carry PixVerse's own id, and nothing that was sent with a request
CALLERS = [entry for entry in (*CONTRACT, *CALLS_TOO) if entry.engine().declared.has_webhooks]
NAMING_OURS = [entry for entry in CALLERS if entry.slug not in CANNOT_NAME_OURS]


@pytest.fixture(params=NAMING_OURS, ids=lambda entry: entry.name)
def lost(request, desk_of, town, settings, monkeypatch):
    """A clip that its provider makes though its answer to us was lost."""
    monkeypatch.setattr(type(request.param.engine()), "find", lambda *_asked: Search.UNDECIDED)
    settings.SITE_URL, settings.IS_HTTPS = "https://studio.example", True
    return Lost(desk_of(request.param), town.url(request.param.slug))


class Lost(Customer):
    def __init__(self, desk, base_url):
        super().__init__(desk, base_url)
        desk.fake.next("submit", "cut_after_create")
        self.job = self.go(self.order(), State.SUBMITTING)
        [self.task] = desk.fake.created

    def replace_keys(self, keys):
        self.account.key_version = key_versions.keep(self.account, {"keys": keys, "headers": {}})
        self.account.save()

    def call(self):
        """As the provider does: to the address that it was told with the request, or that its owner gave it."""
        door = f"/webhooks/{self.slug}/{self.account.webhook_token}/"
        told = [f"{unquote(str(call.query))} {unquote(call.body.decode())}" for call in self.desk.fake.calls]
        named = re.search(rf"https://[^\s\"']*{re.escape(door)}[^\s\"'}}]*", " ".join(told))
        parts = urlsplit(named[0]) if named else urlsplit(door)
        headers, body = self.desk.entry.callback(self.desk.fake, self.task, time.time())
        address = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return Client().post(address, body, "application/json", headers=headers).status_code


def test_the_providers_that_only_a_callback_can_tell_of():
    assert {entry.slug for entry in ONLY_CALLS} == {"fal", "gemini", "minimax"}


def test_a_callback_brings_a_lost_film_home(lost):
    assert 200 <= lost.call() < 300

    job = lost.go(lost.job)

    assert job.state == State.READY, job.error_public
    assert Clip.objects.get(job=job).file("mezzanine")
    assert len(lost.desk.fake.created) == 1


def test_a_callback_brings_what_was_given_up_as_a_free_take(lost):
    job = lost.go(lost.job, State.UNKNOWN)
    Job.objects.filter(pk=job.pk).update(state=State.UNKNOWN)
    job.refresh_from_db()
    recovery.release(job, by=lost.person)

    assert 200 <= lost.call() < 300

    [extra] = Job.objects.exclude(pk=job.pk)
    assert extra.deadline_at is not None
    extra = lost.go(extra)
    assert (extra.state, extra.price_charged) == (State.READY, 0), extra.error_public
    assert Attempt.objects.get(job=extra).provider_task_id == lost.task.id


CALLS = "It may still call back and tell"
NOBODY = "it cannot be asked what became of it"
FREE = "If the film turns up after all, you get it for free."
NEVER = "Whether Google Gemini Omni made it cannot be found out from here."


FORMS = {"address": dict(GEMINI.keys), "secret": dict(GEMINI_STATIC.keys)}


@pytest.mark.parametrize("is_asked", [True, False], ids=["asked for", "not asked for"])
@pytest.mark.parametrize("now", FORMS)
@pytest.mark.parametrize("then", FORMS)
def test_of_gemini_a_callback_is_hoped_for_only_where_it_was_asked_for(
    then, now, is_asked, desk_of, town, settings, say
):
    """Whatever has been chosen and pasted since: nobody registers anything at Google for it."""
    settings.SITE_URL, settings.IS_HTTPS = "https://studio.example", True
    say("gemini", ways={"callbacks": "request" if is_asked else "none"})
    lost = Lost(desk_of(GEMINI, keys=FORMS[then]), town.url("gemini"))
    assert ("uris" in lost.task.request.get("webhook_config", {})) == (is_asked and then == "address")
    say("gemini", ways={"callbacks": "none" if is_asked else "request"})
    lost.replace_keys(FORMS[now])
    Job.objects.filter(pk=lost.job.pk).update(state=State.UNKNOWN)
    browser = Client()
    browser.force_login(lost.person)

    page = browser.get(reverse("jobs:job", args=[lost.job.pk])).text
    lost.job.refresh_from_db()
    told = recovery.release(lost.job, by=lost.person).error_public

    assert (CALLS in page, NOBODY in page) == (is_asked, not is_asked)
    assert (FREE in told, NEVER in told) == (is_asked, not is_asked)
    lost.call()
    assert WebhookEvent.objects.exclude(ref="").exists() == is_asked, "more or less was promised than comes"


def test_what_was_sent_to_gemini_before_that_was_noted_asked_for_callbacks_where_there_was_a_secret(desk_of):
    for entry, is_hoped_for in ((GEMINI, False), (GEMINI_STATIC, True)):
        desk = desk_of(entry)
        assert desk.engine.calls_back(desk.account, {}) == is_hoped_for


def test_nobody_gets_anothers_film_though_a_callback_names_it(desk_of, town, settings):
    """A token need not cover what its callback says. What Google itself says of that interaction does."""
    settings.SITE_URL, settings.IS_HTTPS = "https://studio.example", True
    lost = Lost(desk_of(GEMINI), town.url("gemini"))
    other = lost.desk.fake.create(lost.task.request | {"labels": {"job": "another-request-of-this-account"}})
    other.request["webhook_config"] = lost.task.request["webhook_config"]
    lost.task = other

    assert 200 <= lost.call() < 300
    job = lost.go(lost.job)

    assert job.state != State.READY
    assert not Clip.objects.get(job=job).files.exists()
    assert not [call for call in lost.desk.fake.calls if "download" in call.path]
