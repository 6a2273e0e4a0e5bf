"""The quote offers every usable provider with price, time and abilities, and keeps the choice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.billing import grants
from accounts.billing.models import Cap
from accounts.billing.refusals import InsufficientFunds
from generation.offers import durations
from generation.providers.base import Capability, Estimate, Mode
from generation.providers.models import Connection
from generation.providers.registry import provider
from jobs.models import Job, State
from studio.drawing import services as drawing_services
from studio.models import Scene, Take
from tests.fakes.echo import EchoProvider
from tests.site_processes import workers

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, create_story, atelier):
    return create_story(mika, "a girl on a hill", "a dog by the sea")


@pytest.fixture
def draw(sign_in, mika, story):
    """``draw("get", which="all")`` requests the quote; ``draw("post", …)`` confirms it."""
    browser = sign_in(mika)
    return lambda method, **values: getattr(browser, method)(f"/stories/{story.pk}/draw/", values)


def read_picker(response):
    return {row.offer.engine.slug: row for row in response.context["picker"]["rows"]}


def test_each_provider_shows_price_time_and_abilities(draw):
    response = draw("get", which="missing")

    rows = read_picker(response)
    assert (rows["animatic"].price, rows["animatic"].is_chosen) == ("free", True)
    assert rows["atelier"].price == "$0.80" and rows["atelier"].seconds == 60
    assert rows["atelier"].abilities == "first frame · up to 5 s · up to 480p"
    assert "Draw 2 drafts" in response.text


def test_another_provider_changes_button_and_price(draw):
    response = draw("get", which="missing", provider="atelier")

    assert "Draw 2 final takes with Atelier" in response.text
    assert response.context["quote"].totals == {"USD": 800_000}


def test_the_confirmed_provider_is_kept_and_draws_final_takes(draw, story, run_jobs):
    mark = draw("get", which="missing", provider="atelier").context["quote"].mark
    assert draw("post", which="missing", provider="atelier", model="brush", agreed=mark).status_code == 302
    run_jobs()

    story.refresh_from_db()
    assert (story.provider, story.model) == ("atelier", "brush")
    assert set(Take.objects.values_list("purpose", "clip__provider")) == {("final", "atelier")}


def test_one_scene_keeps_its_provider_apart_from_the_story(draw, story, scenes, run_jobs):
    type(story).objects.filter(pk=story.pk).update(provider="atelier")
    first = scenes(story)[0]

    quote = draw("get", which="one", scene=first.pk, provider="animatic").context["quote"]
    draw("post", which="one", scene=first.pk, provider="animatic", agreed=quote.mark)
    run_jobs()

    story.refresh_from_db()
    first.refresh_from_db()
    assert (story.provider, first.provider) == ("atelier", "animatic")
    assert list(first.takes.values_list("purpose", flat=True)) == ["animatic"]


@pytest.mark.parametrize("slug", ["nobody", "kling"])
def test_a_provider_that_cannot_be_used_starts_nothing(draw, story, slug):
    response = draw("post", which="missing", provider=slug)

    story.refresh_from_db()
    assert response.status_code == 422 and "Nothing was started" in response.text
    assert story.provider == "animatic" and not Job.objects.exists()


def test_a_waiting_draft_never_becomes_a_paid_take(mika, story, draw, run_jobs):
    drawing_services.start_run(story=story, by=mika, which="missing", idem_key="k")
    type(story).objects.filter(pk=story.pk).update(provider="atelier")

    run_jobs()

    assert not Take.objects.exists(), "a scene was drawn by a provider that nobody confirmed"


def test_scenes_that_credit_does_not_cover_link_to_buying_it(draw, story, settings):
    buy = '<a class="button" href="/payments/"'
    mark = draw("get", which="missing", provider="atelier").context["quote"].mark
    settings.BILLING = True
    grants.set_limit(story.workspace, 100_000)

    shown = draw("get", which="missing", provider="atelier").text
    assert "Only $0.10 is left." in shown and shown.count(buy) == 1
    grants.set_limit(story.workspace, 9_000_000)
    Cap.objects.create(workspace=story.workspace, scope=Cap.Scope.WORKSPACE, period=Cap.Period.DAY, amount=100_000)
    shown = draw("get", which="missing", provider="atelier").text
    assert "Only $0.10 is left." in shown and buy not in shown
    Cap.objects.all().delete()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing_services, "start_run", refuse_payment)
        refused = draw("post", which="missing", provider="atelier", agreed=mark)
    assert refused.status_code == 402 and refused.text.count(buy) == 1


def refuse_payment(**values):
    raise InsufficientFunds(800_000, 100_000, "USD")


def test_paused_connection_is_named_wherever_scenes_are_drawn(draw, fake, story, mika, sign_in):
    def page():
        return sign_in(mika).get(f"/stories/{story.pk}/").text

    assert "connection paused" not in draw("get", which="missing").text + page()
    Connection.objects.update(paused_until=timezone.now() + timedelta(minutes=5))

    for text in (
        draw("get", which="missing").text,
        draw("get", which="one", scene=story.scenes.all()[0].pk).text,
        page(),
    ):
        assert "connection paused" in text
        assert "The connection to Echo Own is paused. What you start now waits until it can be sent." in text


@pytest.fixture
def last_used(fake, mika):
    """The connection through which Mika made a clip last; the other one is the default."""
    Connection.objects.update(is_default=True)
    connection = Connection.objects.create(provider="echo-list", label="second")
    workers.create_clip(mika, mika.workspaces.get(), connection, "a clip", model="echo-1")
    return connection


def test_provider_used_last_is_offered_first(draw, last_used, story, sign_in, mika):
    assert draw("get", which="missing").context["picker"]["chosen"].offer.engine.slug == "echo-list"
    assert "Draw 2 final takes with Echo List" in sign_in(mika).get(f"/stories/{story.pk}/").text


def test_provider_that_cannot_draw_the_scene_is_not_offered_first(draw, last_used, story, sign_in, mika, monkeypatch):
    short = (Capability("echo-1", "Echo 1", frozenset(Mode), ("16:9",), (2, 3), (480,)),)
    plain = EchoProvider.capabilities
    monkeypatch.setattr(EchoProvider, "capabilities", lambda self: short if self.slug == "echo-list" else plain(self))
    Scene.objects.update(seconds=8)
    scene = story.scenes.all()[0]

    for chosen in (draw("get", which="missing"), draw("get", which="one", scene=scene.pk)):
        assert chosen.context["picker"]["chosen"].offer.engine.slug == "echo-own"
        assert chosen.context["quote"].shots
    assert "final takes with Echo Own" in sign_in(mika).get(f"/stories/{story.pk}/").text


def test_unknown_price_is_named_and_the_dialog_asks_for_a_cap(draw, atelier):
    atelier.estimate = lambda request: Estimate(0, "USD", 30, is_known=False)

    text = draw("get", which="missing", provider="atelier").text

    assert (
        "Price unknown: set a cap" in text
        and "price unknown" in text
        and "?" not in text.split('class="cost"')[-1][:60]
    )


@pytest.mark.parametrize(("jobs", "seconds", "failures"), [(9, 30, ""), (10, 120, "0 % fail today")])
def test_expected_time_is_the_median_of_ten_own_clips(mika, jobs, seconds, failures):
    now = timezone.now()
    Job.objects.bulk_create(
        Job(
            workspace=mika.workspaces.get(), kind="clip_elsewhere", state=State.READY, provider="kling", model="v3",
            idem_key=str(n), started_at=now - timedelta(seconds=120 + 1000 * (n == 0)), finished_at=now,
        )
        for n in range(jobs)
    )  # fmt: skip

    assert durations.get_usual_seconds(provider("kling"), "v3", Estimate(0, "USD", 30)) == seconds
    assert durations.describe_failures(provider("kling"), "v3") == failures
