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
MESSAGE = "The scene has been drawn again since. Open the story to draw it once more."


@pytest.fixture
def story(mika, create_story, atelier):
    return create_story(mika, "a girl on a hill", "a dog by the sea", provider="atelier")


@pytest.fixture
def dog_scene(story, scenes):
    return scenes(story)[1]


@pytest.fixture
def failed(dog_scene, draw_scenes, atelier):
    """The job of a failed take that would succeed now."""
    atelier.refused = {"dog"}
    draw_scenes("one", scene=dog_scene)
    atelier.refused = set()
    return dog_scene.takes.get().clip.job


def get_spent(story) -> int:
    return ledger.get_wallet(story.workspace).spent


def can_retry(job) -> bool:
    return cards.prepare_rows([Job.objects.get(pk=job.pk)])[0].can_retry


@pytest.mark.parametrize("is_finished", [True, False])
def test_retrying_a_superseded_take_buys_nothing(sign_in, mika, story, dog_scene, failed, key, run_jobs, is_finished):
    run = drawing_services.start_run(story=story, by=mika, which="one", scene=dog_scene, idem_key=key())
    run_jobs() if is_finished else engine.advance(run.job_id)
    spent_before, n = get_spent(story), Job.objects.count()
    browser = sign_in(mika)

    response = browser.post(f"/jobs/{failed.pk}/retry/", headers={"HX-Request": "true"})
    browser.post("/jobs/bulk/", {"act": "retry", "id": [failed.pk]})

    assert response.status_code == 409 and f"{MESSAGE} Nothing was started." in response.content.decode()
    assert (get_spent(story), Job.objects.count()) == (spent_before, n)
    assert not failed.retries.exists() and not can_retry(failed)


def test_the_page_of_a_superseded_take_offers_no_retry(sign_in, mika, failed, dog_scene, draw_scenes):
    browser = sign_in(mika)
    page = Clip.objects.get(job=failed).get_absolute_url()
    assert f"/jobs/{failed.pk}/retry/" in browser.get(page).content.decode()

    draw_scenes("one", scene=dog_scene)

    for url in (page, f"{page}card/"):
        text = browser.get(url).content.decode()
        assert MESSAGE in text and f"/jobs/{failed.pk}/retry/" not in text


def test_a_bulk_retry_skips_superseded_takes(sign_in, mika, story, scenes, dog_scene, failed, draw_scenes, atelier):
    draw_scenes("one", scene=dog_scene)
    atelier.refused = {"girl"}
    draw_scenes("one", scene=scenes(story)[0])
    atelier.refused = set()
    girl = scenes(story)[0].takes.get().clip.job

    response = sign_in(mika).post("/jobs/bulk/", {"act": "retry", "id": [failed.pk, girl.pk]}, follow=True)

    assert "Retrying 1 job." in response.content.decode()
    assert girl.retries.count() == 1 and not failed.retries.exists()


@pytest.mark.parametrize("outcome", ["failed", "deleted"])
def test_a_failed_take_can_be_retried_after_a_newer_failure(
    mika, story, failed, dog_scene, draw_scenes, run_jobs, atelier, outcome
):
    atelier.refused = {"dog"} if outcome == "failed" else set()
    draw_scenes("one", scene=dog_scene)
    if outcome == "deleted":
        jobs.delete(dog_scene.takes.latest("pk").clip.job, by=mika)
    atelier.refused, before = set(), get_spent(story)

    assert can_retry(failed)
    jobs.retry(failed, by=mika)
    run_jobs()

    assert get_spent(story) == before + PRICE


def test_a_shared_take_can_be_retried_for_a_waiting_scene(mika, story, failed, dog_scene, draw_scenes):
    """The copied story shares the take."""
    copy_story.duplicate_story(story=story, by=mika)
    draw_scenes("one", scene=dog_scene)

    assert can_retry(failed)


def test_the_newest_failed_take_can_be_retried(mika, story, dog_scene, draw_scenes, atelier):
    draw_scenes("one", scene=dog_scene)
    atelier.refused = {"dog"}
    draw_scenes("one", scene=dog_scene)

    assert can_retry(dog_scene.takes.latest("pk").clip.job)


@pytest.fixture
def failed_twice(dog_scene, failed, draw_scenes, atelier):
    """The jobs of two failed takes of one scene, the older first."""
    atelier.refused = {"dog"}
    draw_scenes("one", scene=dog_scene)
    atelier.refused = set()
    return failed, dog_scene.takes.latest("pk").clip.job


@pytest.mark.parametrize("is_finished", [True, False])
@pytest.mark.parametrize("first", ["the older", "the newer"])
def test_only_the_first_retried_of_two_failed_takes_is_bought(mika, story, failed_twice, run_jobs, first, is_finished):
    retried, superseded = failed_twice if first == "the older" else reversed(failed_twice)
    assert can_retry(retried) and can_retry(superseded)
    jobs.retry(retried, by=mika)
    if is_finished:
        run_jobs()
    spent_before = get_spent(story)

    with pytest.raises(jobs.JobRefused, match=MESSAGE):
        jobs.retry(superseded, by=mika)

    assert not can_retry(superseded) and get_spent(story) == spent_before


def test_a_bulk_retry_buys_the_newest_take_per_scene(
    sign_in, mika, story, scenes, failed_twice, draw_scenes, run_jobs, atelier
):
    older, newer = failed_twice
    atelier.refused = {"girl"}
    draw_scenes("one", scene=scenes(story)[0])
    atelier.refused, before = set(), get_spent(story)
    girl = scenes(story)[0].takes.get().clip.job

    data = {"act": "retry", "id": [older.pk, newer.pk, girl.pk]}
    response = sign_in(mika).post("/jobs/bulk/", data, follow=True)
    run_jobs()

    assert "Retrying 2 jobs." in response.content.decode()
    assert (older.retries.count(), newer.retries.count(), girl.retries.count()) == (0, 1, 1)
    assert get_spent(story) == before + 2 * PRICE
