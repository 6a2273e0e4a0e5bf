"""Two takes of the same words, where a lost answer is looked for by the provider's list: each gets what is its own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.models import Clip, ClipReference, Picture
from generation.worker import late_results, reconcile
from jobs import recovery
from jobs.models import Attempt, Job, State
from tests.fakes.echo import EchoProvider

pytestmark = pytest.mark.django_db
SUBMIT = EchoProvider.submit


@pytest.fixture
def fake(nameless):
    """What these films are made by."""
    return nameless


@pytest.fixture
def two(fake, site, order, go, ren):
    """``two(seed=8)``: what Mika asked for was not made; what was asked for after it, by Ren unless it is said, was.
    Neither was answered."""

    def lose(**second):
        jobs = [order(site), order(site, **{"by": ren} | second)]
        for job, fault in zip(jobs, ("html_502", "html_502_after_create"), strict=True):
            fake.next("submit", fault)
            assert go(job, until=State.SUBMITTING).state == State.SUBMITTING
        assert len(fake.created) == 1
        Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1), outcome=Attempt.Outcome.AMBIGUOUS)
        return jobs

    return lose


def look_for_both(jobs):
    """As somebody does who gave both up: twice, since one of them is looked for before the other."""
    for job in jobs:
        recovery.release(Job.objects.get(pk=job.pk), by=None)
    late_results.look_for_abandoned()
    late_results.look_for_abandoned()
    return Job.objects.exclude(pk__in=[job.pk for job in jobs])


def slowly(monkeypatch, meanwhile, *, before=False):
    """The next submission takes its time before or after the film is begun there."""

    def submit(*args):
        monkeypatch.setattr(EchoProvider, "submit", SUBMIT)
        if before:
            meanwhile()
        done = SUBMIT(*args)
        if not before:
            meanwhile()
        return done

    monkeypatch.setattr(EchoProvider, "submit", submit)


def test_a_take_that_was_never_made_does_not_take_the_other_ones_whose_answer_is_on_its_way(
    fake, site, order, go, monkeypatch
):
    one, two = order(site), order(site)
    fake.next("submit", "cut")
    go(two, until=State.SUBMITTING)

    slowly(monkeypatch, lambda: go(two, steps=2))
    go(one)

    assert one.state == State.READY
    two.refresh_from_db()
    assert two.state == State.SUBMITTING and not two.attempts.get().provider_task_id
    assert Attempt.objects.get(job=one).provider_task_id == fake.created[0].id


def test_other_words_on_their_way_hold_up_nobody(fake, site, order, go, monkeypatch):
    lost, other = order(site), order(site, prompt="a dog on a roof")
    fake.next("submit", "cut_after_create")
    go(lost, until=State.SUBMITTING)
    states = []
    slowly(monkeypatch, lambda: states.append(go(lost, steps=1).state), before=True)
    go(other)

    assert states == [State.RUNNING] and other.state == State.READY
    assert go(lost).state == State.READY
    assert len(fake.created) == 2


def test_the_film_of_one_of_two_people_without_an_answer_is_shown_to_neither_by_the_list(two, go):
    jobs = two()

    assert [go(job, steps=4).state for job in jobs] == [State.UNKNOWN] * 2
    assert not Attempt.objects.exclude(provider_task_id="").exists()

    assert not look_for_both(jobs).exists()
    assert not Attempt.objects.exclude(provider_task_id="").exists()


@pytest.mark.parametrize("other", [{"negative_prompt": "dogs"}, {"options": {"camera": "pan"}}, {"seconds": 4}])
def test_nor_does_ones_own_wish_get_the_film_of_another_that_the_list_does_not_tell_apart(two, go, mika, other):
    for job in two(by=mika, **other):
        assert go(job, steps=4).state == State.UNKNOWN


@pytest.mark.parametrize("place", ["picture", "reference"])
def test_nor_of_one_with_another_picture(two, go, mika, place):
    never_made, made = two(by=mika)
    clip, facts = made.clip, {"width": 32, "height": 18, "bytes": 200, "sha256": "0" * 64}
    picture = Picture.objects.create(workspace=made.workspace, key="pictures/cat.png", **facts)
    if place == "picture":
        Clip.objects.filter(pk=clip.pk).update(picture=picture)
    else:
        ClipReference.objects.create(clip=clip, picture=picture)

    assert go(never_made, steps=4).state == State.UNKNOWN


def test_two_takes_of_one_wish_are_the_same_to_their_person_and_the_film_comes(two, fake, go, mika):
    one, other = two(by=mika, seed=8)

    assert go(one).state == State.READY
    assert Attempt.objects.get(job=one).provider_task_id == fake.created[0].id
    assert go(other, steps=4).state == State.UNKNOWN


def test_where_the_list_tells_two_people_apart_each_is_found(two, fake, go):
    never_made, made = two(seed=8)
    fake.shows_seeds = True

    assert go(never_made, steps=4).state == State.UNKNOWN
    assert go(made).state == State.READY
    assert Attempt.objects.get(job=made).provider_task_id == fake.created[0].id


def test_a_list_that_shows_seeds_only_and_two_people_chose_the_same(two, fake, go):
    jobs = two(prompt="a dog on a roof")
    fake.shows_seeds = True

    assert [go(job, steps=4).state for job in jobs] == [State.UNKNOWN] * 2


def test_more_than_a_few_that_look_alike_are_not_all_asked_after(two, fake, go, monkeypatch):
    _never_made, made = two(seed=8)
    fake.shows_seeds = True
    monkeypatch.setattr(reconcile, "ASKED_AFTER", 0)

    assert go(made, steps=4).state == State.UNKNOWN


@pytest.mark.parametrize(("is_this_one", "state"), [(True, State.UNKNOWN), (False, State.READY)])
def test_a_task_that_was_named_for_a_stranger_is_theirs_and_another_leaves_this_one_free(
    two, fake, go, is_this_one, state
):
    nobody_knows, named = two()
    task = fake.created[0].id if is_this_one else "another-task"
    Attempt.objects.filter(job=named).update(heard={"task_id": task, "handle": {"id": task}})

    assert go(nobody_knows, steps=8).state == state


def test_what_was_given_up_does_not_take_the_film_of_one_whose_answer_is_on_its_way(
    fake, site, order, go, mika, monkeypatch
):
    given_up, other = order(site), order(site)
    fake.next("submit", "cut")
    go(given_up, until=State.SUBMITTING)
    Attempt.objects.update(intent_at=timezone.now() - timedelta(hours=1))
    recovery.release(go(given_up, until=State.UNKNOWN), by=mika)

    slowly(monkeypatch, late_results.look_for_abandoned)
    go(other)

    assert other.state == State.READY, other.error_public
    assert Attempt.objects.get(job=other).provider_task_id == fake.created[0].id
    assert set(Job.objects.all()) == {given_up, other}, "it was given a film that is another's"


def test_what_was_given_up_by_one_person_is_found_though_they_asked_for_it_once_more(two, fake, go, mika):
    jobs = two(by=mika)
    Job.objects.update(state=State.UNKNOWN, state_since=timezone.now())

    [extra] = look_for_both(jobs)
    assert go(extra).state == State.READY
