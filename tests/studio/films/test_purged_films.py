"""Jobs of purged films cannot be retried."""

import pytest

from jobs import services as jobs
from jobs.models import Job
from jobs.views import cards
from studio.models import Film

pytestmark = pytest.mark.django_db


def test_a_purged_film_cannot_be_retried(mika, create_storyboard, request_film):
    old = jobs.cancel(request_film(create_storyboard(1)).job, by=mika)
    newer = jobs.cancel(jobs.retry(old, by=mika), by=mika)
    assert [job.can_retry for job in cards.prepare_rows([old, newer])] == [False, True]
    jobs.purge(newer)

    with pytest.raises(jobs.JobRefused, match="permanently deleted"):
        jobs.retry(old, by=mika)

    assert not Film.objects.exists() and Job.objects.filter(kind="film").get() == old
    assert [job.can_retry for job in cards.prepare_rows([old])] == [False]
