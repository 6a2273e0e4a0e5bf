"""Every page of the site, requested by people who have no right to it: a new page cannot be forgotten here."""

import uuid
from contextlib import contextmanager

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import Membership
from generation.clip_spec import ClipSpec
from generation.forms import ClipForm
from generation.models import Clip, Video
from generation.providers.connections import services as connection_services
from generation.providers.models import Connection, Workflow
from generation.services.clips import create_clips
from jobs.models import Job, JobEvent
from studio.models import Character, Film, FilmSettings, Music, Scene, Story
from studio.scenes.services import add_scene
from studio.stories.services import create_story
from tests.factories import UserFactory
from tests.sweep import sweep

pytestmark = pytest.mark.django_db

# Pages for everyone; they show nothing of anybody.
PUBLIC = {
    "generation:home", "generation:guest", "healthz", "healthz_jobs", "accounts:theme", "account_login",
}  # fmt: skip
# Pages for users and for visitors with a clip of their own; for others they are empty, or 404 for a row.
FOR_VISITORS = {
    "generation:clip", "generation:card", "generation:play", "generation:download", "jobs:queue", "jobs:job",
    "jobs:live", "jobs:cancel", "jobs:retry", "jobs:delete", "jobs:restore", "jobs:release",
    "jobs:resend", "jobs:bulk", "jobs:undo",
}  # fmt: skip
OURS = ("studio", "generation", "jobs", "accounts", "common")
CANARY = "canary-of-mika"


def own_urls(patterns=None, space=""):
    """(name, pattern) of every page that our own apps serve."""
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.callback.__module__.partition(".")[0] in OURS:
                yield f"{space}{pattern.name}", pattern
        else:
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from own_urls(pattern.url_patterns, inner)


URLS = dict(own_urls())
ROWS = sorted(name for name, url in URLS.items() if "pk" in url.pattern.converters)
PAGES = sorted(name for name, url in URLS.items() if not url.pattern.converters)


@pytest.fixture
def mika():
    return UserFactory(name="Mika", email="mika@example.test")


@pytest.fixture
def ren():
    """The browser of a user who shares no workspace with Mika."""
    browser = Client()
    browser.force_login(UserFactory(name="Ren", email="ren@example.test"))
    return browser


def make_film(story):
    """Create the row of a finished film, and one of a piece of music."""
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
    spec = ClipSpec.from_form(form.cleaned_data)
    home = mika.workspaces.get()
    story = create_story(workspace=home, by=mika, title=CANARY)
    add_scene(story=story, by=mika, prompt=CANARY)
    make_film(story)
    Character.objects.create(workspace=home, story=story, name=CANARY, description=CANARY)
    connection_services.add_connection(
        by=mika, provider="kling", label=CANARY, workspace=home, secret={"keys": {"api_key": f"{CANARY}-key"}}
    )
    return create_clips(spec, workspace=home, by=mika, idem_key="k")[0]


def url_of(name, clip):
    """Return the URL of a row of Mika's: clip, job, session, connection, story, scene or film."""
    row = clip.pk if name.startswith("generation:") else clip.job_id
    if name.startswith("studio:"):
        is_scene = str(URLS[name].pattern).startswith("scenes/")
        row = Scene.objects.get().pk if is_scene else Story.objects.get().pk
        row = Film.objects.get().pk if str(URLS[name].pattern).startswith("films/") else row
        row = Music.objects.get().pk if str(URLS[name].pattern).startswith("music/") else row
        row = clip.pk if str(URLS[name].pattern).startswith("clips/") else row
        row = Character.objects.get().pk if str(URLS[name].pattern).startswith("characters/") else row
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


def asks_for_password(response):
    """Some pages ask a signed-in user for the password again before they look for the row."""
    return response.status_code == 302 and response.url.startswith("/account/reauthenticate/")


def snapshot():
    """Everything that a refused request must leave unchanged."""
    models = (Clip, Job, Story, Scene, Connection, Character, Film, FilmSettings, Music)
    return [list(model.objects.values()) for model in models], JobEvent.objects.count()


@contextmanager
def nothing_changes():
    """Fail if a row of the snapshot changes meanwhile. Enter it after ``url_of``, which may create the row."""
    before = snapshot()
    yield
    assert snapshot() == before


def request_each(names):
    """A sweep over pairs of a URL's name and a method."""
    return sweep((name, method) for name in names for method in ("get", "post"))


def test_the_sweeps_cover_the_urls():
    assert len(ROWS) > 12
    assert {"generation:clip", "jobs:cancel", "generation:delete", "studio:scene", "studio:draw"} <= set(ROWS)
    assert set(URLS) >= PUBLIC | FOR_VISITORS


def test_a_stranger_cannot_tell_that_a_row_exists(ren, clip):
    with request_each(ROWS) as rows:
        for name, method in rows:
            with rows.row(method, name):
                url = url_of(name, clip)
                missing = reverse(name, kwargs={"pk": 999_999 if name.endswith("session") else uuid.uuid4()})
                with nothing_changes():
                    response = getattr(ren, method)(url)
                assert response.status_code in (404, 405) or asks_for_password(response)
                assert CANARY not in response.content.decode()
                assert response.status_code == getattr(ren, method)(missing).status_code


def test_a_visitor_without_an_account_gets_no_further(client, clip):
    with request_each(ROWS) as rows:
        for name, method in rows:
            with rows.row(method, name):
                url = url_of(name, clip)
                with nothing_changes():
                    response = getattr(client, method)(url)
                assert response.status_code in ((404, 405) if name in FOR_VISITORS else (302, 405))
                assert response.status_code != 302 or response.url.startswith("/account/login/")


def test_pages_ask_visitors_to_sign_in_unless_they_are_public(clip):
    with sweep(PAGES) as rows:
        for name in rows:
            with rows.row(name):
                response = Client().get(reverse(name))
                assert CANARY not in response.content.decode()
                if name in PUBLIC | FOR_VISITORS:
                    assert response.status_code in (200, 204, 405, 503)
                else:
                    assert response.status_code in (302, 405)
                    assert response.status_code == 405 or response.url.startswith("/account/login/")


def test_the_pages_of_a_stranger_show_nothing_of_others(ren, clip):
    with sweep(PAGES) as rows:
        for name in rows:
            with rows.row(name):
                assert CANARY not in ren.get(reverse(name)).content.decode()


def test_a_viewer_changes_nothing(clip):
    viewer = UserFactory(email="viewer@example.test")
    Membership.objects.create(user=viewer, workspace=clip.workspace, role="viewer")
    browser = Client()
    browser.force_login(viewer)

    with sweep(ROWS) as rows:
        for name in rows:
            if name in ("accounts:end_session", "jobs:download"):  # of the user alone
                continue
            with rows.row(name):
                url = url_of(name, clip)
                with nothing_changes():
                    response = browser.post(url)
                assert response.status_code in (403, 405)


def test_htmx_is_sent_to_sign_in_by_a_header_and_not_by_a_page_within_the_page(client, clip):
    response = client.get("/create/", headers={"HX-Request": "true"})

    assert response.status_code == 401
    assert response.headers["HX-Redirect"].startswith("/account/login/")


def test_get_changes_nothing(mika, clip):
    browser = Client()
    browser.force_login(mika)

    with sweep(ROWS) as rows:
        for name in rows:
            with rows.row(name):
                url = url_of(name, clip)
                with nothing_changes():
                    browser.get(url)
