"""A provider without credit, or one that refuses the key, stops the job with a reason and a remedy."""

import pytest
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import override

from generation.models import Clip
from jobs.models import Job, State
from jobs.templatetags.jobs import state_label
from studio.models import Take
from studio.scenes.services import add_scene
from studio.stories.services import create_story

pytestmark = pytest.mark.django_db
REASONS = {
    "quota": "Echo has no credit left. Top up there, then resume. Nothing was charged.",
    "auth": "Echo refused the key. Check the key, then resume. Nothing was charged.",
}


@pytest.fixture
def own(fake, connect, mika):
    return connect(owner=mika, base_url=fake.url)


@pytest.fixture
def blocked(fake, own, create_job, run_job):
    """A job whose provider has no credit left."""
    fake.refuses = "quota"
    return run_job(create_job(own), steps=3)


@pytest.mark.parametrize("kind", sorted(REASONS))
def test_refused_account_is_named_with_its_remedy_in_the_readers_language(fake, own, create_job, run_job, kind):
    fake.refuses = kind

    for steps in (1, 2):  # at the refusal, and while the connection is paused
        job = run_job(create_job(own), steps=steps)
        assert (job.state, job.progress_note, state_label(job)) == (State.QUEUED, REASONS[kind], "Paused")
    with override("zh-hans"):
        assert job.progress_note != REASONS[kind] and job.progress_note.endswith("没有扣费。")


@pytest.mark.parametrize("page", ["jobs:queue", "jobs:job", "clip", "generation:create"])
def test_pages_of_a_blocked_job_show_the_remedy_and_no_moving_bar(blocked, own, mika, sign_in, page):
    clip = Clip.objects.get(job=blocked)
    url = clip.get_absolute_url() if page == "clip" else reverse(page, args=[blocked.pk] if page == "jobs:job" else [])

    html = sign_in(mika).get(url).content.decode()

    assert REASONS["quota"] in html and "progress-bar" not in html and "the job continues" not in html
    for link in ("generation:connection", own.pk), ("jobs:resume", blocked.pk):
        assert reverse(link[0], args=[link[1]]) in html
    assert f"{reverse('generation:create')}?from={clip.pk}" in html


def test_resume_submits_the_clip_as_soon_as_the_account_has_credit(fake, blocked, run_job, mika, sign_in):
    client = sign_in(mika)
    assert run_job(blocked, steps=2).state == State.QUEUED and not fake.created

    fake.refuses = ""
    client.post(reverse("jobs:resume", args=[blocked.pk]))
    job = run_job(blocked)

    assert job.state == State.READY and len(fake.created) == 1
    assert [event.reason for event in job.events.all()].count("resumed") == 1


def test_resume_names_the_other_paused_clips_and_their_price_first(fake, own, create_job, run_job, mika, sign_in):
    fake.refuses = "quota"
    jobs = [run_job(create_job(own), steps=2) for _ in range(3)]
    client, url = sign_in(mika), reverse("jobs:resume", args=[jobs[0].pk])

    for answer in (client.post(url), client.post(url, {"agreed": "USD 1; 3 jobs"})):
        assert answer.url == url, "it was resumed before anybody saw that two others are sent"
    page = client.get(url)
    text = strip_tags(page.text)
    assert "2 other paused jobs use the same connection. They are sent as well." in text
    assert "Resume 3 jobs $0.12" in " ".join(text.split())
    assert {event.reason for job in jobs for event in job.events.all()}.isdisjoint({"resumed"})

    fake.refuses = ""
    assert client.post(url, {"agreed": page.context["mark"]}).url == reverse("jobs:queue")
    assert [run_job(job).state for job in jobs] == [State.READY] * 3


def test_resume_of_a_running_or_foreign_job_changes_nothing(fake, blocked, ren, mika, sign_in, run_job):
    url = reverse("jobs:resume", args=[blocked.pk])
    assert sign_in(ren).post(url).status_code == 404
    fake.refuses = ""
    client = sign_in(mika)
    client.post(url)
    run_job(blocked, until=State.RUNNING)
    before = Job.objects.values().get(pk=blocked.pk)

    client.post(url)

    assert Job.objects.values().get(pk=blocked.pk) == before


def test_scene_of_a_blocked_clip_is_paused_and_not_being_drawn(blocked, mika, sign_in):
    story = create_story(workspace=mika.workspaces.get(), by=mika, title="Lanterns")
    scene = add_scene(story=story, by=mika, prompt="a cat on a roof")
    Take.objects.create(scene=scene, clip=Clip.objects.get(job=blocked), purpose=Take.Purpose.FINAL)

    html = sign_in(mika).get(reverse("studio:story", args=[story.pk])).content.decode()

    assert REASONS["quota"] in html and reverse("jobs:resume", args=[blocked.pk]) in html
    assert "is being drawn" not in html and "Being drawn" not in html


def test_scene_of_a_moderated_clip_offers_first_to_edit_the_prompt(fake, own, create_job, run_job, mika, sign_in):
    fake.refuses = "moderation"
    story = create_story(workspace=mika.workspaces.get(), by=mika, title="Lanterns")
    scene = add_scene(story=story, by=mika, prompt="a cat on a roof")
    clip = Clip.objects.get(job=run_job(create_job(own)))
    Take.objects.create(scene=scene, clip=clip, purpose=Take.Purpose.FINAL)

    html = sign_in(mika).get(reverse("studio:story", args=[story.pk])).content.decode()

    edit = html[: html.index("Edit the prompt")].rpartition("<a ")[2]
    assert 'class="button small ink"' in edit


def test_account_of_the_site_offers_another_provider_but_no_resume(fake, site, create_job, run_job, mika, sign_in):
    fake.refuses = "quota"
    job = run_job(create_job(site), steps=2)

    html = sign_in(mika).get(reverse("jobs:job", args=[job.pk])).content.decode()
    refused = sign_in(mika).post(reverse("jobs:resume", args=[job.pk]), headers={"HX-Request": "true"})

    assert "An administrator has to repair it" in html and "Use another provider" in html
    assert reverse("jobs:resume", args=[job.pk]) not in html and str(site.pk) not in html
    assert refused.status_code == 409


def test_moderated_clip_offers_to_edit_the_prompt_before_another_try(fake, own, create_job, run_job, mika, sign_in):
    fake.refuses = "moderation"
    job = run_job(create_job(own))
    clip = Clip.objects.get(job=job)
    assert job.state == State.FAILED and job.error_details and job.error_details not in job.error_public

    html = sign_in(mika).get(clip.get_absolute_url()).content.decode()

    assert html.index("Edit the prompt") < html.index("Try again")
    assert html.index("<summary>Details</summary>") < html.index(job.error_details)
