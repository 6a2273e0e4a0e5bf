"""The database's clock was set back by two hours while a clip was made: whatever is counted from before is young, and
nobody is asked without a pause, or waits until the old time has come again."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db.models import F
from django.db.models.functions import Now

from generation.admin.manners_form import BOUNDS
from generation.models import Connection
from generation.providers.gemini.provider import OPEN_SECONDS
from generation.providers.remote import Prepared
from generation.steps import asking, attempts, developing, files, finding, polling, turns
from jobs import clock
from jobs.models import Attempt, Job, State
from tests.generation.steps.told import KNOWS

pytestmark = pytest.mark.django_db
STEP, A_LITTLE = timedelta(hours=2), timedelta(minutes=1)


def set_back():
    """To the rows it is the same: all that was written stands two hours further ahead."""
    Attempt.objects.update(intent_at=F("intent_at") + STEP)
    Attempt.objects.exclude(answered_at=None).update(answered_at=F("answered_at") + STEP)


def seconds_left(job) -> float:
    """Until the next look."""
    job = Job.objects.annotate(read_at=Now()).get(pk=job.pk)
    return (job.next_run_at - job.read_at).total_seconds()


def test_what_is_being_made_is_asked_after_at_the_usual_pace(echo, connect, order, go):
    fake = echo(**KNOWS)
    fake.running = 3600
    job = go(order(connect(base_url=fake.url)), until=State.RUNNING)
    set_back()

    go(job, steps=1)

    pace = echo.engine.manners.look_every
    assert 0.8 * pace < seconds_left(job) < 1.2 * pace


def test_what_was_lost_is_looked_for_at_the_usual_pace(fake, site, order, go):
    fake.next("submit", "cut")
    job = go(order(site), until=State.SUBMITTING)
    set_back()

    go(job, steps=1)

    assert job.attempts.get().outcome == Attempt.Outcome.AMBIGUOUS
    assert 0 < seconds_left(job) <= 60


def test_what_was_sent_by_the_clock_of_before_fills_no_minute_of_now(fake, site, order, go):
    Connection.objects.filter(pk=site.pk).update(per_minute=1, concurrency=10)
    site.refresh_from_db()
    go(order(site), until=State.RUNNING)
    assert turns.room(site).free == 0

    set_back()

    assert turns.room(site).free == 1


def test_no_step_of_a_clip_waits_or_holds_for_longer_than_is_taken_for_a_clock_that_was_set_back(settings):
    """Else it would be looked at every ten seconds instead."""
    settings.PROVIDER_SECONDS = 45
    looks = [after - before for before, after in pairwise(finding.LOOKS_AT)]
    paces = [BOUNDS["first_look"][1], BOUNDS["look_every"][1], 1.1 * BOUNDS["look_at_most_every"][1]]
    waits = [polling.SLOW, files.ROOM_SECONDS, developing.AGAIN_SECONDS, attempts.PAUSE.total_seconds(), *looks, *paces]
    nine_files = (asking.FILE_REQUESTS * 9 + 1) * settings.PROVIDER_SECONDS

    assert timedelta(seconds=max(waits)) + A_LITTLE < clock.LONGEST_WAIT
    assert timedelta(seconds=finding.SLOW) + A_LITTLE < clock.UNKNOWN_WAIT
    assert timedelta(seconds=nine_files) + A_LITTLE < clock.LONGEST_LEASE
    assert timedelta(seconds=attempts._held(Prepared({}, seconds=OPEN_SECONDS))) < clock.LONGEST_CALL
