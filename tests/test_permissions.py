"""Every URL of the site is requested by users without permission. New URLs are included automatically."""

import uuid
from contextlib import contextmanager

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import Membership
from gallery.models import RemixFrame, StoryTemplate, Work
from generation.clip_spec import ClipSpec
from generation.forms import ClipForm
from generation.models import Clip, Collection, Picture, PromptTemplate, Video
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

# public pages, which show no rows of users
PUBLIC = {
    "generation:home", "generation:guest", "studio:try_film", "healthz_jobs", "accounts:theme", "account_login",
    "gallery:robots", "gallery:oembed",
}  # fmt: skip
# pages for users and guests; for other visitors they are empty or 404
FOR_VISITORS = {
    "generation:clip", "generation:card", "generation:play", "generation:download", "jobs:queue", "jobs:job",
    "jobs:live", "jobs:cancel", "jobs:retry", "jobs:delete", "jobs:restore", "jobs:release", "jobs:resume",
    "jobs:resend", "jobs:bulk", "jobs:undo", "jobs:retry_failed", "studio:first_film",
    "studio:change_style", "studio:make_first_film", "studio:play_film", "studio:download_film", "studio:film_captions",
}  # fmt: skip
OUR_APPS = ("gallery", "studio", "generation", "jobs", "accounts", "common")
CANARY = "canary-of-mika"


def list_urls(patterns=None, namespace=""):
    """Yield the name and pattern of every URL of our apps."""
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.callback.__module__.partition(".")[0] in OUR_APPS:
                yield f"{namespace}{pattern.name}", pattern
        else:
            inner_namespace = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from list_urls(pattern.url_patterns, inner_namespace)


URLS = dict(list_urls())
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


def create_film(story):
    """Create rows of a finished film and of music."""
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
    create_film(story)
    Character.objects.create(workspace=home, story=story, name=CANARY, description=CANARY)
    connection_services.add_connection(
        by=mika, provider="kling", label=CANARY, workspace=home, secret={"keys": {"api_key": f"{CANARY}-key"}}
    )
    return create_clips(spec, workspace=home, by=mika, idem_key="k")[0]


def url_of(name, clip):
    """Return the URL of a row of Mika's: clip, job, session, connection, story, scene or film."""
    rows = {"generation": clip.pk, "teams": clip.workspace_id}
    row = rows.get(name.partition(":")[0], clip.job_id)
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
        workflow = Workflow.objects.create(workspace=clip.workspace, title=CANARY, graph={})
        row = clip.workspace_id if name == "generation:workflows_of" else workflow.pk
    if name.startswith("generation:picture"):
        row = Picture.objects.create(workspace=clip.workspace, key="-", width=1, height=1, bytes=1, sha256="-").pk
    if name.startswith("generation:collection"):
        row = Collection.objects.create(workspace=clip.workspace, name=CANARY).pk
    if name.startswith("generation:prompt"):
        row = PromptTemplate.objects.create(workspace=clip.workspace, title=CANARY, text=CANARY).pk
    if name.startswith("gallery:"):
        template = StoryTemplate.objects.create(workspace=clip.workspace, title=CANARY, body={})
        rows = {"gallery:publish_clip": clip, "gallery:publish_film": Film.objects.get()}
        rows |= {"gallery:save_template": Story.objects.get()}
        rows |= {"gallery:remix_frame": RemixFrame.objects.create(workspace=clip.workspace, created_by=clip.created_by)}
        row = rows.get(name, template).pk
    if name == "accounts:end_session":
        Client().force_login(clip.created_by)
        row = UserSession.objects.create(user=clip.created_by, ip="127.0.0.1", session_key="hers").pk
    return reverse(name, kwargs={"pk": row})


def requires_password(response):
    """Return whether the page asks for the password again before it loads the row."""
    return response.status_code == 302 and response.url.startswith("/account/reauthenticate/")


def read_rows():
    """Return all rows that a refused request must not change."""
    models = (Clip, PromptTemplate, Job, Story, Scene, Connection, Character, Film, FilmSettings, Music, Work)
    return [list(model.objects.values()) for model in models], JobEvent.objects.count()


@contextmanager
def assert_unchanged():
    """Fail if a row changes meanwhile. Enter after ``url_of``, which may create the row."""
    before = read_rows()
    yield
    assert read_rows() == before


def sweep_requests(names):
    """Return a sweep over pairs of URL name and method."""
    return sweep((name, method) for name in names for method in ("get", "post"))


def test_the_sweeps_cover_the_urls():
    assert len(ROWS) > 12
    assert {"generation:clip", "jobs:cancel", "generation:delete", "studio:scene", "studio:draw"} <= set(ROWS)
    assert set(URLS) >= PUBLIC | FOR_VISITORS


def test_a_stranger_cannot_tell_that_a_row_exists(ren, clip):
    with sweep_requests(ROWS) as rows:
        for name, method in rows:
            with rows.row(method, name):
                url = url_of(name, clip)
                missing = reverse(name, kwargs={"pk": 999_999 if name.endswith("session") else uuid.uuid4()})
                with assert_unchanged():
                    response = getattr(ren, method)(url)
                assert response.status_code in (404, 405) or requires_password(response)
                assert CANARY not in response.content.decode()
                assert response.status_code == getattr(ren, method)(missing).status_code


def test_a_visitor_is_refused_or_sent_to_sign_in(client, clip):
    with sweep_requests(ROWS) as rows:
        for name, method in rows:
            with rows.row(method, name):
                url = url_of(name, clip)
                with assert_unchanged():
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
                    assert response.status_code in (200, 204, 404, 405, 503)
                else:
                    assert response.status_code in (302, 405)
                    assert response.status_code == 405 or response.url.startswith("/account/login/")


def test_the_pages_of_a_stranger_show_nothing_of_others(ren, clip):
    with sweep(PAGES) as rows:
        for name in rows:
            with rows.row(name):
                assert CANARY not in ren.get(reverse(name)).content.decode()


OWN_ROWS = (
    "payments:cancel",
    "accounts:remove_cap",
    "accounts:end_session",
    "jobs:download",
    "generation:favourite",
    "generation:delete_search",
    "teams:enter",
)


def test_a_viewer_changes_nothing(clip):
    viewer = UserFactory(email="viewer@example.test")
    Membership.objects.create(user=viewer, workspace=clip.workspace, role="viewer")
    browser = Client()
    browser.force_login(viewer)

    with sweep(ROWS) as rows:
        for name in rows:
            if name in OWN_ROWS or name.startswith("operator:"):
                continue  # the user's own rows, and pages that only operators know
            with rows.row(name):
                url = url_of(name, clip)
                with assert_unchanged():
                    response = browser.post(url)
                assert response.status_code in (403, 405)


def test_htmx_is_redirected_to_sign_in_by_a_header(client, clip):
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
                with assert_unchanged():
                    browser.get(url)


def test_every_page_of_a_member_is_readable_without_the_cache(mika, clip, cache_away):
    browser = Client()
    browser.force_login(mika)
    with sweep([*PAGES, *ROWS]) as rows:
        for name in rows:
            if name.startswith("healthz"):
                continue  # it reports that the cache is away
            with rows.row(name):
                url = url_of(name, clip) if name in ROWS else reverse(name)
                assert browser.get(url).status_code < 500
