"""An answer was lost and only a callback can tell: each real provider's call brings the film home, paid once.

Where a list could tell as well, it tells nothing here: it may be late, or show too much to choose from.
"""

import re
import time
from urllib.parse import unquote, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from generation.connecting import keys as key_versions
from generation.models import Clip, WebhookEvent
from generation.providers.remote import Recovery, Search
from jobs import unknown
from jobs.models import Attempt, Job, State
from tests.generation.providers.contract import CONTRACT, GEMINI
from tests.generation.providers.customer import Customer

pytestmark = pytest.mark.django_db
ONLY_CALLS = [entry for entry in CONTRACT if entry.engine().declared.recovery == Recovery.WEBHOOK]
CANNOT_NAME_OURS = {"pixverse"}  # its callbacks carry PixVerse's own id, and nothing that was sent with a request
CALLERS = [entry for entry in CONTRACT if entry.engine().declared.has_webhooks and entry.slug not in CANNOT_NAME_OURS]


@pytest.fixture(params=CALLERS, ids=lambda entry: entry.slug)
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
    unknown.release(job, by=lost.person)

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


@pytest.mark.parametrize(("then", "now"), [(True, True), (False, False), (False, True), (True, False)])
def test_of_gemini_a_callback_is_hoped_for_only_where_the_secret_it_needs_was_there(then, now, desk_of, town, settings):
    settings.SITE_URL, settings.IS_HTTPS = "https://studio.example", True
    keys = {True: dict(GEMINI.keys), False: {"api_key": GEMINI.keys["api_key"]}}
    lost = Lost(desk_of(GEMINI, keys=keys[then]), town.url("gemini"))
    assert ("webhook_config" in lost.task.request) == then
    lost.replace_keys(keys[now])
    Job.objects.filter(pk=lost.job.pk).update(state=State.UNKNOWN)
    browser = Client()
    browser.force_login(lost.person)

    page = browser.get(reverse("jobs:job", args=[lost.job.pk])).text
    lost.job.refresh_from_db()
    told = unknown.release(lost.job, by=lost.person).error_public

    assert (CALLS in page, NOBODY in page) == (then, not then)
    assert (FREE in told, NEVER in told) == (then, not then)
    lost.call()
    assert WebhookEvent.objects.exclude(ref="").exists() == then, "more or less was promised than comes"
