"""Every door of the site, tried by people it was not made for: a new page cannot be forgotten here."""

import uuid

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import Membership
from generation.forms import ClipForm
from generation.models import Clip, Video
from generation.providers.connections import services as connection_services
from generation.providers.models import Connection, Workflow
from generation.services.clips import request_clips
from jobs.models import Job, JobEvent
from studio.models import Character, Film, FilmSettings, Music, Scene, Story
from studio.scenes.services import add_scene
from studio.stories.services import create_story
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

# Doors that open to everyone; what stands behind them shows nothing of anybody.
PUBLIC = {
    "generation:home", "generation:guest", "healthz", "healthz_jobs", "accounts:theme", "account_login",
}  # fmt: skip
# Doors for people and for visitors with a clip of their own: without either they are empty, or 404 for a row.
FOR_VISITORS = {
    "generation:clip", "generation:card", "generation:play", "generation:download", "jobs:queue", "jobs:job",
    "jobs:live", "jobs:cancel", "jobs:retry", "jobs:delete", "jobs:restore", "jobs:release",
    "jobs:ask_anew", "jobs:bulk", "jobs:undo",
}  # fmt: skip
OURS = ("studio", "generation", "jobs", "accounts", "common")
CANARY = "canary-in-the-coal-mine"


def doors(patterns=None, space=""):
    """(name, pattern) of every page that our own apps serve."""
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.callback.__module__.partition(".")[0] in OURS:
                yield f"{space}{pattern.name}", pattern
        else:
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from doors(pattern.url_patterns, inner)


DOORS = dict(doors())
ROWS = sorted(name for name, door in DOORS.items() if "pk" in door.pattern.converters)
PAGES = sorted(name for name, door in DOORS.items() if not door.pattern.converters)


@pytest.fixture
def mika():
    return UserFactory(name="Mika", email="mika@example.test")


@pytest.fixture
def ren():
    """Ren works elsewhere and has no business here."""
    browser = Client()
    browser.force_login(UserFactory(name="Ren", email="ren@example.test"))
    return browser


def make_film(story):
    """A film that is done, as its row says, and a piece of music."""
    job = Job.objects.create(workspace=story.workspace, kind="film", title=CANARY, state="ready", idem_key="film")
    Film.objects.create(
        story=story, job=job, version=1, name=CANARY, plan={"pieces": [{"kind": "shot"}], "notes": []}, frames=24,
        chapters=[{"n": 1, "place": "scene", "title": CANARY, "start": 0, "end": 24}], width=64, height=64, key="-",
        bytes=1, ready_at=job.created_at,
    )  # fmt: skip
    Music.objects.create(workspace=story.workspace, title=CANARY, bytes=1, sha256="-")


@pytest.fixture
def clip(mika):
    form = ClipForm({"prompt": CANARY, "seconds": 2, "resolution": 480})
    assert form.is_valid()
    values = form.cleaned_data | {"picture": None, "continues": None}
    home = mika.workspaces.get()
    story = create_story(workspace=home, by=mika, title=CANARY)
    add_scene(story=story, by=mika, prompt=CANARY)
    make_film(story)
    Character.objects.create(workspace=home, story=story, name=CANARY, description=CANARY)
    connection_services.add(
        by=mika, provider="kling", label=CANARY, workspace=home, secret={"keys": {"api_key": f"{CANARY}-key"}}
    )
    return request_clips(workspace=home, by=mika, asked=values, idem_key="k")[0]


def address(name, clip):
    """The door to a row of Mika's: her clip, its job, her session, her account, her story, its scene or film."""
    row = clip.pk if name.startswith("generation:") else clip.job_id
    if name.startswith("studio:"):
        is_scene = str(DOORS[name].pattern).startswith("scenes/")
        row = Scene.objects.get().pk if is_scene else Story.objects.get().pk
        row = Film.objects.get().pk if str(DOORS[name].pattern).startswith("films/") else row
        row = Music.objects.get().pk if str(DOORS[name].pattern).startswith("music/") else row
        row = clip.pk if str(DOORS[name].pattern).startswith("clips/") else row
        row = Character.objects.get().pk if str(DOORS[name].pattern).startswith("characters/") else row
    if name.startswith("generation:connection"):
        row = clip.workspace_id if name == "generation:connections_of" else Connection.objects.get().pk
    if name.startswith("generation:video"):
        row = Video.objects.create(workspace=clip.workspace, name=CANARY, bytes=1, sha256=uuid.uuid4().hex).pk
    if name.startswith("generation:workflow"):
        made = Workflow.objects.create(workspace=clip.workspace, title=CANARY, graph={})
        row = clip.workspace_id if name == "generation:workflows_of" else made.pk
    if name == "accounts:end_session":
        Client().force_login(clip.created_by)
        row = UserSession.objects.create(user=clip.created_by, ip="127.0.0.1", session_key="hers").pk
    return reverse(name, kwargs={"pk": row})


def asks_for_password(answer):
    """Some doors ask a signed-in person for the password again before they look at anything."""
    return answer.status_code == 302 and answer.url.startswith("/account/reauthenticate/")


def trace():
    """What a refused deed must leave as it was."""
    stories = list(Story.objects.values()), list(Scene.objects.values())
    accounts = list(Connection.objects.values())
    stories = (*stories, list(Character.objects.values()))
    films = list(Film.objects.values()), list(FilmSettings.objects.values()), list(Music.objects.values())
    return list(Clip.objects.values()), list(Job.objects.values()), JobEvent.objects.count(), stories, films, accounts


def test_there_are_doors_to_try():
    assert len(ROWS) > 12
    assert {"generation:clip", "jobs:cancel", "generation:delete", "studio:scene", "studio:draw"} <= set(ROWS)
    assert set(DOORS) >= PUBLIC | FOR_VISITORS


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_cannot_tell_that_the_row_exists(ren, clip, name, method):
    before = trace()

    answer = getattr(ren, method)(address(name, clip))

    assert answer.status_code in (404, 405) or asks_for_password(answer)
    assert CANARY not in answer.content.decode()
    assert trace() == before


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_never_was_is_answered_alike(ren, clip, name):
    real, unreal = (
        address(name, clip),
        reverse(name, kwargs={"pk": 999_999 if name.endswith("session") else uuid.uuid4()}),
    )

    for method in ("get", "post"):
        assert getattr(ren, method)(real).status_code == getattr(ren, method)(unreal).status_code


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_visitor_without_an_account_gets_no_further(client, clip, name, method):
    before = trace()

    answer = getattr(client, method)(address(name, clip))

    assert answer.status_code in ((404, 405) if name in FOR_VISITORS else (302, 405))
    assert answer.status_code != 302 or answer.url.startswith("/account/login/")
    assert trace() == before


@pytest.mark.parametrize("name", PAGES)
def test_pages_ask_visitors_to_sign_in_unless_they_are_public(client, clip, name):
    answer = client.get(reverse(name))

    assert CANARY not in answer.content.decode()
    if name in PUBLIC | FOR_VISITORS:
        assert answer.status_code in (200, 204, 405, 503)
    else:
        assert answer.status_code in (302, 405)
        assert answer.status_code == 405 or answer.url.startswith("/account/login/")


@pytest.mark.parametrize("name", PAGES)
def test_a_strangers_pages_show_nothing_of_others(ren, clip, name):
    assert CANARY not in ren.get(reverse(name)).content.decode()


@pytest.mark.parametrize("name", [name for name in ROWS if name not in ("accounts:end_session", "jobs:download")])
def test_a_viewer_may_look_and_change_nothing(clip, name):
    viewer = UserFactory(email="viewer@example.test")
    Membership.objects.create(user=viewer, workspace=clip.workspace, role="viewer")
    browser = Client()
    browser.force_login(viewer)
    before = trace()

    answer = browser.post(address(name, clip))

    assert answer.status_code in (403, 405)
    assert trace() == before


def test_htmx_is_sent_to_sign_in_by_header_and_not_by_a_page_in_a_page(client, clip):
    answer = client.get("/create/", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/account/login/")


def test_get_changes_nothing(mika, clip):
    browser = Client()
    browser.force_login(mika)
    before = trace()

    for name in ROWS:
        browser.get(address(name, clip))

    assert trace() == before
