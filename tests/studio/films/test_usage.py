"""What the usage page and the receipt of a film say about clips that are kept."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.billing.models import Hold
from accounts.billing.usage.overview import read_overview
from accounts.billing.usage.periods import read_period
from accounts.viewer import Viewer
from generation.models import Clip
from jobs.models import Job
from studio.models import Scene

pytestmark = pytest.mark.django_db


def pay(take, amount, **more):
    """Let the job of the take have cost that much, as a paid provider's."""
    values = {"amount": amount, "price": amount, "charged": amount, "price_currency": "USD", "rate": 1_000_000}
    Hold.objects.filter(pk=take.clip.job_id).update(**values, provider="kling", closed_at=timezone.now(), **more)
    Job.objects.filter(pk=take.clip.job_id).update(price_reserved=amount)
    Clip.objects.filter(pk=take.clip_id).update(provider="kling", seconds=5)


def test_seconds_in_a_scene_or_a_film_are_kept(mika, create_storyboard, add_take, request_film, run_jobs):
    story = create_storyboard(2)
    scene = story.scenes.get(position=1)
    first, second = add_take(scene), add_take(scene)
    pay(first, 2_000_000, story_id=story.pk)
    pay(second, 1_000_000, story_id=story.pk)
    Scene.objects.filter(pk=scene.pk).update(chosen=first)

    def kling():
        lines = read_overview(Viewer(mika), read_period("7")).providers
        return next(line for line in lines if line.key == "kling")

    line = kling()
    assert (line.clips, line.seconds, line.kept, str(line.cost_per_kept_second)) == (2, 10, 5, "$0.60")

    film = request_film(story)
    run_jobs(film.job)
    browser = Client()
    browser.force_login(mika)
    page = browser.get(f"/stories/films/{film.pk}/").content.decode()
    receipt = page.partition('id="film-receipt"')[2].partition("</section>")[0]
    assert "$3.00" in receipt and "of that for 1 clip that is not in this film" in receipt and "$1.00" in receipt
    assert f"/jobs/{first.clip.job_id}/" in receipt
    job_page = browser.get(f"/jobs/{first.clip.job_id}/").content.decode()
    assert "Receipt" in job_page and "$2.00" in job_page
