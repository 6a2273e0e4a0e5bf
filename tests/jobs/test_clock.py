"""The database's clock is set back: operators are told, and nothing else changes (docs/adr/0009)."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from jobs.models import Job
from jobs.views import health
from jobs.worker.dispatcher import Dispatcher

pytestmark = pytest.mark.django_db


def test_a_clock_set_back_is_logged_and_shown_on_the_health_page(submit, caplog):
    job = submit()
    Job.objects.update(state_since=Now() + timedelta(hours=2), next_run_at=Now() + timedelta(hours=2))
    before = Job.objects.values().get()

    Dispatcher().check_clock()

    assert "clock was set back" in caplog.text
    assert any("clock was set back" in sentence for sentence in health.find_problems())
    assert Job.objects.values().get(pk=job.pk) == before


def test_a_clock_that_is_right_is_not_reported(submit, caplog):
    submit()

    Dispatcher().check_clock()

    assert caplog.text == ""
    assert not any("clock" in sentence for sentence in health.find_problems())
