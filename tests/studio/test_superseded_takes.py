"""An old button does not buy a failed take again after its scene was redrawn."""

import pytest

from accounts.billing import ledger
from generation.models import Clip
from jobs import services as jobs
from jobs.lifecycle import engine
from jobs.models import Job
from jobs.views import cards
from studio.drawing import services as drawing_services
from studio.stories import copy_story
from tests.studio.atelier import PRICE

pytestmark = pytest.mark.django_db
PAST = "The scene has been drawn again since. Open the story to draw it once more."


@pytest.fixture
def story(mika, create_story, atelier):
    return create_story(mika, "a girl on a hill", "a dog by the sea", provider="atelier")


@pytest.fixture
def dog(story, scenes):
    return scenes(story)[1]


@pytest.fixture
def failed(dog, draw_scenes, atelier):
    """The job of a failed take that would succeed now."""
    atelier.refused = {"dog"}
    draw_scenes("one", scene=dog)
    atelier.refused = set()
    return dog.takes.get().clip.job


def spent(story) -> int:
    return ledger.get_wallet(story.workspace).spent


def can_retry(job) -> bool:
    return cards.prepare_rows([Job.objects.get(pk=job.pk)])[0].can_retry


@pytest.mark.parametrize("is_finished", [True, False])
def test_retrying_a_superseded_take_buys_nothing(sign_in, mika, story, dog, failed, key, run_jobs, is_finished):
    run = drawing_services.start_run(story=story, by=mika, which="one", scene=dog, idem_key=key())
    run_jobs() if is_finished else engine.advance(run.job_id)
    held, n = spent(story), Job.objects.count()
    browser = sign_in(mika)

    answer = browser.post(f"/jobs/{failed.pk}/retry/", headers={"HX-Request": "true"})
    browser.post("/jobs/bulk/", {"act": "retry", "id": [failed.pk]})

    assert answer.status_code == 409 and f"{PAST} Nothing was started." in answer.content.decode()
    assert (spent(story), Job.objects.count()) == (held, n)
    assert not failed.retries.exists() and not can_retry(failed)


def test_the_page_of_a_superseded_take_offers_no_retry(sign_in, mika, failed, dog, draw_scenes):
    browser = sign_in(mika)
    page = Clip.objects.get(job=failed).get_absolute_url()
    assert f"/jobs/{failed.pk}/retry/" in browser.get(page).content.decode()

    draw_scenes("one", scene=dog)

    for each in (page, f"{page}card/"):
        told = browser.get(each).content.decode()
        assert PAST in told and f"/jobs/{failed.pk}/retry/" not in told


def test_a_bulk_retry_skips_superseded_takes(sign_in, mika, story, scenes, dog, failed, draw_scenes, atelier):
    draw_scenes("one", scene=dog)
    atelier.refused = {"girl"}
    draw_scenes("one", scene=scenes(story)[0])
    atelier.refused = set()
    girl = scenes(story)[0].takes.get().clip.job

    answer = sign_in(mika).post("/jobs/bulk/", {"act": "retry", "id": [failed.pk, girl.pk]}, follow=True)

    assert "Retrying 1 job." in answer.content.decode()
    assert girl.retries.count() == 1 and not failed.retries.exists()


@pytest.mark.parametrize("becomes", ["failed", "thrown away"])
def test_a_failed_take_can_be_retried_after_a_newer_failure(
    mika, story, failed, dog, draw_scenes, run_jobs, atelier, becomes
):
    atelier.refused = {"dog"} if becomes == "failed" else set()
    draw_scenes("one", scene=dog)
    if becomes == "thrown away":
        jobs.delete(dog.takes.latest("pk").clip.job, by=mika)
    atelier.refused, before = set(), spent(story)

    assert can_retry(failed)
    jobs.retry(failed, by=mika)
    run_jobs()

    assert spent(story) == before + PRICE


def test_a_shared_take_can_be_retried_for_a_waiting_scene(mika, story, failed, dog, draw_scenes):
    """A story and its copy share takes."""
    copy_story.duplicate_story(story=story, by=mika)
    draw_scenes("one", scene=dog)

    assert can_retry(failed)


def test_the_newest_failed_take_can_be_retried(mika, story, dog, draw_scenes, atelier):
    draw_scenes("one", scene=dog)
    atelier.refused = {"dog"}
    draw_scenes("one", scene=dog)

    assert can_retry(dog.takes.latest("pk").clip.job)


@pytest.fixture
def failed_twice(dog, failed, draw_scenes, atelier):
    """The jobs of two failed takes of one scene, the older first."""
    atelier.refused = {"dog"}
    draw_scenes("one", scene=dog)
    atelier.refused = set()
    return failed, dog.takes.latest("pk").clip.job


@pytest.mark.parametrize("is_finished", [True, False])
@pytest.mark.parametrize("first", ["the older", "the newer"])
def test_only_the_first_retried_of_two_failed_takes_is_bought(mika, story, failed_twice, run_jobs, first, is_finished):
    one, other = failed_twice if first == "the older" else reversed(failed_twice)
    assert can_retry(one) and can_retry(other)
    jobs.retry(one, by=mika)
    if is_finished:
        run_jobs()
    held = spent(story)

    with pytest.raises(jobs.JobRefused, match=PAST):
        jobs.retry(other, by=mika)

    assert not can_retry(other) and spent(story) == held


def test_a_bulk_retry_buys_the_newest_take_per_scene(
    sign_in, mika, story, scenes, failed_twice, draw_scenes, run_jobs, atelier
):
    older, newer = failed_twice
    atelier.refused = {"girl"}
    draw_scenes("one", scene=scenes(story)[0])
    atelier.refused, before = set(), spent(story)
    girl = scenes(story)[0].takes.get().clip.job

    ticked = {"act": "retry", "id": [older.pk, newer.pk, girl.pk]}
    answer = sign_in(mika).post("/jobs/bulk/", ticked, follow=True)
    run_jobs()

    assert "Retrying 2 jobs." in answer.content.decode()
    assert (older.retries.count(), newer.retries.count(), girl.retries.count()) == (0, 1, 1)
    assert spent(story) == before + 2 * PRICE
