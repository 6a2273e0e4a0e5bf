"""Several unanswered submissions that could own one task in the provider's list."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.models import Clip, ClipReference, Picture
from generation.worker import reconcile
from jobs.lifecycle import recovery
from jobs.models import Attempt, Job, State
from tests.fakes.echo import EchoProvider

pytestmark = pytest.mark.django_db
SUBMIT = EchoProvider.submit


@pytest.fixture
def fake(echo_without_refs):
    """A provider whose list shows no reference of ours."""
    return echo_without_refs


@pytest.fixture
def lose_two(fake, site, create_job, run_job, ren):
    """``lose_two(seed=8)``: two unanswered submissions, of Mika and Ren or ``by``; only the second made a task."""

    def lose(**second):
        jobs = [create_job(site), create_job(site, **{"by": ren} | second)]
        for job, fault in zip(jobs, ("html_502", "html_502_after_create"), strict=True):
            fake.next("submit", fault)
            assert run_job(job, until=State.SUBMITTING).state == State.SUBMITTING
        assert len(fake.created) == 1
        Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1), outcome=Attempt.Outcome.AMBIGUOUS)
        return jobs

    return lose


def release_and_search(jobs):
    """Release both jobs and search twice. Returns the jobs that the search created."""
    for job in jobs:
        recovery.release(Job.objects.get(pk=job.pk), by=None)
    reconcile.search_abandoned()
    reconcile.search_abandoned()
    return Job.objects.exclude(pk__in=[job.pk for job in jobs])


def during_submit(monkeypatch, action, *, is_before=False):
    """Call ``action`` during the next submission, before or after its task is created."""

    def submit(*args):
        monkeypatch.setattr(EchoProvider, "submit", SUBMIT)
        if is_before:
            action()
        done = SUBMIT(*args)
        if not is_before:
            action()
        return done

    monkeypatch.setattr(EchoProvider, "submit", submit)


def test_task_whose_response_may_still_arrive_is_not_adopted(fake, site, create_job, run_job, monkeypatch):
    first, second = create_job(site), create_job(site)
    fake.next("submit", "cut")
    run_job(second, until=State.SUBMITTING)

    during_submit(monkeypatch, lambda: run_job(second, steps=2))
    run_job(first)

    assert first.state == State.READY
    second.refresh_from_db()
    assert second.state == State.SUBMITTING and not second.attempts.get().provider_task_id
    assert Attempt.objects.get(job=first).provider_task_id == fake.created[0].id


def test_open_request_with_another_prompt_is_no_candidate(fake, site, create_job, run_job, monkeypatch):
    lost, other = create_job(site), create_job(site, prompt="a dog on a roof")
    fake.next("submit", "cut_after_create")
    run_job(lost, until=State.SUBMITTING)
    states = []
    during_submit(monkeypatch, lambda: states.append(run_job(lost, steps=1).state), is_before=True)
    run_job(other)

    assert states == [State.RUNNING] and other.state == State.READY
    assert run_job(lost).state == State.READY
    assert len(fake.created) == 2


def test_one_task_for_two_users_is_undecided_for_both(lose_two, run_job):
    jobs = lose_two()

    assert [run_job(job, steps=4).state for job in jobs] == [State.UNKNOWN] * 2
    assert not Attempt.objects.exclude(provider_task_id="").exists()

    assert not release_and_search(jobs).exists()
    assert not Attempt.objects.exclude(provider_task_id="").exists()


@pytest.mark.parametrize("other", [{"negative_prompt": "dogs"}, {"options": {"camera": "pan"}}, {"seconds": 4}])
def test_one_task_for_two_different_requests_of_a_user_is_undecided(lose_two, run_job, mika, other):
    for job in lose_two(by=mika, **other):
        assert run_job(job, steps=4).state == State.UNKNOWN


@pytest.mark.parametrize("place", ["picture", "reference"])
def test_requests_with_different_pictures_are_different(lose_two, run_job, mika, place):
    missing, made = lose_two(by=mika)
    clip, fields = made.clip, {"width": 32, "height": 18, "bytes": 200, "sha256": "0" * 64}
    picture = Picture.objects.create(workspace=made.workspace, key="pictures/cat.png", **fields)
    if place == "picture":
        Clip.objects.filter(pk=clip.pk).update(picture=picture)
    else:
        ClipReference.objects.create(clip=clip, picture=picture)

    assert run_job(missing, steps=4).state == State.UNKNOWN


def test_takes_of_one_request_are_interchangeable(lose_two, fake, run_job, mika):
    first, other = lose_two(by=mika, seed=8)

    assert run_job(first).state == State.READY
    assert Attempt.objects.get(job=first).provider_task_id == fake.created[0].id
    assert run_job(other, steps=4).state == State.UNKNOWN


def test_equal_seeds_of_two_users_are_undecided(lose_two, fake, run_job):
    jobs = lose_two(prompt="a dog on a roof")
    fake.shows_seeds = True

    assert [run_job(job, steps=4).state for job in jobs] == [State.UNKNOWN] * 2


@pytest.mark.parametrize(("is_same_task", "state"), [(True, State.UNKNOWN), (False, State.READY)])
def test_task_named_by_a_callback_belongs_to_the_named_submission(lose_two, fake, run_job, is_same_task, state):
    unnamed, named = lose_two()
    task = fake.created[0].id if is_same_task else "another-task"
    Attempt.objects.filter(job=named).update(response={"task_id": task, "handle": {"id": task}})

    assert run_job(unnamed, steps=8).state == state


def test_abandoned_attempt_does_not_adopt_the_task_of_an_open_request(
    fake, site, create_job, run_job, mika, monkeypatch
):
    given_up, other = create_job(site), create_job(site)
    fake.next("submit", "cut")
    run_job(given_up, until=State.SUBMITTING)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1))
    recovery.release(run_job(given_up, until=State.UNKNOWN), by=mika)

    during_submit(monkeypatch, reconcile.search_abandoned)
    run_job(other)

    assert other.state == State.READY, other.error_public
    assert Attempt.objects.get(job=other).provider_task_id == fake.created[0].id
    assert set(Job.objects.all()) == {given_up, other}, "another job's video was adopted"


def test_abandoned_attempt_is_found_although_the_user_resent_it(lose_two, fake, run_job, mika):
    jobs = lose_two(by=mika)
    Job.objects.update(state=State.UNKNOWN, state_since=timezone.now())

    [late_job] = release_and_search(jobs)
    assert run_job(late_job).state == State.READY
