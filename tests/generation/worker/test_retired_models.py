"""Retired models refuse every kind of request, and nothing changes."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from generation.models import Clip
from generation.providers.remote import Recovery
from jobs.models import Attempt, Job, JobEvent, State
from tests.fakes.echo import EchoProvider
from tests.generation.worker.helpers import LIMIT, read_history

pytestmark = pytest.mark.django_db
SENTENCE = "Echo 1 was retired by its maker. Choose another model. Nothing was started."


@pytest.fixture
def retire_model(monkeypatch):
    def retire():
        models = EchoProvider.capabilities(None)
        retired = tuple(replace(model, retired_on=timezone.localdate()) for model in models)
        monkeypatch.setattr(EchoProvider, "capabilities", lambda self: retired)

    return retire


def snapshot(job):
    job.refresh_from_db()
    rows = (Job, Clip, Attempt, JobEvent)
    return [model.objects.count() for model in rows], job.state, job.rev, read_history(job)


@pytest.mark.parametrize("action", ["retry", "vary"])
def test_retired_model_refuses_more_takes(get_balance, fake, site, create_job, run_job, mika, retire_model, action):
    job = run_job(create_job(site))
    before, balance = snapshot(job), get_balance()
    retire_model()

    browser = Client()
    browser.force_login(mika)
    clip = Clip.objects.get()
    answer = browser.post(reverse(f"generation:{action}", args=[clip.pk]), {"idem_key": "one-more"}, follow=True)

    assert SENTENCE in answer.text
    assert (snapshot(job), get_balance(), len(fake.created)) == (before, balance, 1)


def test_retired_model_refuses_a_retry(get_balance, fake, site, create_job, run_job, mika, retire_model):
    fake.next("submit", "invalid")
    job = run_job(create_job(site))
    before = snapshot(job)
    retire_model()

    browser = Client()
    browser.force_login(mika)
    answer = browser.post(reverse("jobs:retry", args=[job.pk]), follow=True)

    assert SENTENCE in answer.text
    assert (snapshot(job), get_balance()) == (before, LIMIT)


def test_retired_model_refuses_a_resend(get_balance, echo, connect, create_job, run_job, mika, retire_model):
    fake = echo(recovery=Recovery.NONE)
    fake.next("submit", "cut_after_create")
    job = run_job(create_job(connect(base_url=fake.url)), until=State.UNKNOWN)
    before, balance = snapshot(job), get_balance()
    retire_model()

    browser = Client()
    browser.force_login(mika)
    answer = browser.post(reverse("jobs:resend", args=[job.pk]), follow=True)

    assert SENTENCE in answer.text
    assert (snapshot(job), get_balance(), len(fake.created)) == (before, balance, 1)
