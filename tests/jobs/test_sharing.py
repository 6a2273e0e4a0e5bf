"""Who makes room for others looks again soon at first, and ever more seldom."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from jobs import sharing
from jobs.models import Job, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(kind, submit, settings):
    """``waiting(5)``: another job's film has been fetched for an hour, and this one has waited for five seconds;
    ``waiting(5, others=1)``: the other one's has for one second."""
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 2}
    kind(stays_in=frozenset({State.RUNNING}), is_local=False)

    def make(seconds, others=3600):
        facts = {"state": State.RUNNING, "state_since": timezone.now() - timedelta(seconds=others)}
        Job.objects.filter(pk=submit().pk).update(lease_until=Now() + timedelta(seconds=60), **facts)
        job = submit()
        facts = {"state": State.RUNNING, "state_since": timezone.now() - timedelta(seconds=seconds)}
        Job.objects.filter(pk=job.pk).update(**facts)
        return Job.objects.get(pk=job.pk)

    return make


@pytest.mark.parametrize(("waited", "least", "most"), [(0, 0.15, 0.3), (1, 0.8, 1.3), (600, 2.4, 3.6)])
def test_it_is_as_long_again_as_the_job_has_waited_itself_however_long_the_other_takes(waiting, waited, least, most):
    assert least <= sharing.must_yield(waiting(waited)) <= most


def test_who_has_waited_long_does_not_look_more_seldom_than_who_has_just_come_where_the_others_are_quick(waiting):
    assert sharing.must_yield(waiting(600, others=0)) <= 0.3
