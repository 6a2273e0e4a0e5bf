"""The library groups takes by story and names films by story; Jobs lists a scene once."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.viewer import Viewer
from generation.library.filters import read_chosen
from generation.library.pages import fetch_wall
from generation.media import storage
from generation.models import Clip
from jobs import services as jobs
from jobs.models import Job
from studio.drawing import services as drawing_services
from studio.films.services import request_film
from studio.models import Film, Story
from studio.stories.copy_story import duplicate_story
from studio.stories.services import delete_story
from studio.timeline.board import build_board
from tests.gallery.works import create_clip, create_film
from tests.generation.uploads import read_archive

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, create_story, atelier, draw_story):
    return draw_story(create_story(mika, "a girl on a hill", "a dog by the sea", provider="atelier"))


@pytest.fixture
def draw_story(mika, run_jobs, key):
    def draw(story):
        drawing_services.start_run(story=story, by=mika, which="all", idem_key=key())
        run_jobs()
        return story

    return draw


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


def list_titles(browser, **query):
    return [job.title for job in browser.get("/jobs/", query).context["rows"]]


def count_chip(browser, label):
    chips = browser.get("/jobs/").context["chips"]
    return next(chip["count"] for chip in chips if str(chip["label"]) == label)


def test_jobs_list_each_scene_once(browser, story):
    assert sorted(list_titles(browser)) == ["a dog by the sea", "a girl on a hill"]
    assert count_chip(browser, "All") == "2"
    assert list_titles(browser, state="system") == ["2 scenes of “The last summer train”"]


def test_jobs_name_their_story_and_are_filtered_by_it(
    browser, mika, story, create_story, django_assert_max_num_queries
):
    other = create_story(mika, "a cat", title="Another story")
    request_film(story=story, by=mika, idem_key="film")
    Job.objects.filter(title="a girl on a hill").update(state="failed")
    browser.get("/jobs/")

    with django_assert_max_num_queries(12):
        page = browser.get("/jobs/", {"story": story.pk})

    rows = {job.title: job.story for job in page.context["rows"]}
    assert {(row.title, row.scene) for row in rows.values()} == {(story.title, n) for n in (1, 2, None)}
    assert "The last summer train · Scene 2" in " ".join(strip_tags(page.text).split())
    assert list_titles(browser, story=other.pk) == []


def test_jobs_are_grouped_by_story_and_a_shared_job_is_listed_once(
    browser, mika, story, create_story, monkeypatch, django_assert_max_num_queries
):
    duplicate_story(story=story, by=mika)
    create_story(mika, "a cat", title="A story without jobs")
    workspace = story.workspace
    jobs.submit(workspace=workspace, by=mika, kind="clip", title="alone", params={}, idem_key="alone")
    monkeypatch.setattr("jobs.listing.stories.SHOWN", 1)

    browser.get("/jobs/")

    with django_assert_max_num_queries(12):
        page = browser.get("/jobs/", {"group": "story"})

    rows = page.context["rows"]
    assert [(job.story.title, job.story_heading.count) for job in rows] == [(story.title, 2)]
    assert len(list_titles(browser, **QueryDict(rows[0].story_heading.more[1:]).dict())) == 2
    assert list_titles(browser, **QueryDict(page.context["next"][1:]).dict()) == ["alone"]
    assert list_titles(browser, story="none") == ["alone"]
    delete_story(story=story, by=mika)
    assert "A deleted story" in browser.get("/jobs/", {"group": "story"}).text


def test_a_run_is_listed_while_a_scene_of_it_has_no_job_of_its_own(browser, mika, create_story, atelier):
    story = create_story(mika, "a girl on a hill", provider="atelier")
    drawing_services.start_run(story=story, by=mika, which="all", idem_key="k")

    assert list_titles(browser) == ["Scene 1 of “The last summer train”"]


def test_connection_tests_are_listed_as_system_jobs(browser, mika):
    workspace = mika.workspaces.get()
    Job.objects.create(workspace=workspace, created_by=mika, kind="connection_test", title="Test", idem_key="t")

    assert list_titles(browser) == [] and list_titles(browser, state="system") == ["Test"]
    assert "1 in progress" not in browser.get("/jobs/").text


def test_the_library_shows_takes_below_their_story(browser, story, mika, sign_in, ren):
    library = browser.get("/clips/")
    takes = browser.get(f"/stories/{story.pk}/takes/")

    assert [thing.row for thing in library.context["page"].rows] == [story] and "2 takes" in library.text
    assert "/clips/storage/" in library.text[: library.text.index('role="search"')]
    assert f"/stories/{story.pk}/takes/" in library.text and "Create your first clip" not in library.text
    for clip in Clip.objects.all():
        assert clip.get_absolute_url() in takes.text
    assert len(browser.get("/clips/", {"q": "dog"}).context["page"].rows) == 1, "a search finds takes, too"
    assert sign_in(ren).get(f"/stories/{story.pk}/takes/").status_code == 404
    assert "2 takes" not in sign_in(ren).get("/clips/").text


def test_films_are_in_the_library_and_can_be_selected(browser, story, mika, sign_in, ren, tmp_path):
    job = Job.objects.create(workspace=story.workspace, created_by=mika, kind="film", idem_key="f", state="ready")
    film = Film.objects.create(
        story=story, created_by=mika, job=job, version=1, plan={}, made_from=[], chapters=[], frames=48,
        width=1280, height=720, poster=0, ready_at=timezone.now(), key="films/one.mp4",
    )  # fmt: skip
    (tmp_path / "one").write_bytes(b"the film")
    storage.store_file(tmp_path / "one", film.key)
    html = browser.get("/clips/").text
    wall = html[html.index('class="clip-grid') : html.index("clip-grid-end")]
    assert re.findall(r'<article class="tile [^"]*" id="(\w+)-', wall) == ["film", "story"]

    for page in ("/clips/", "/clips/?kind=film"):
        text = browser.get(page).text
        assert film.get_absolute_url() in text and "The last summer train" in text
        assert film.get_absolute_url() not in sign_in(ren).get(page).text
    chosen = {"film": film.pk, "clip": Clip.objects.first().pk}
    archive = read_archive(browser.post("/clips/selected/", chosen | {"act": "download"}))
    assert archive.read("The last summer train 1.mp4") == b"the film" and len(archive.namelist()) == 2
    for client in (sign_in(ren), browser):
        page = client.post("/clips/selected/", chosen | {"act": "delete"}, follow=True).text
        assert Film.objects.shown().exists() is (client != browser)
    browser.post(re.search(r"/clips/selected/undo/[^\"]+", page)[0])
    assert Film.objects.shown().exists() and Clip.objects.shown().count() == 2


def list_wall(user, size, **values):
    """Return the names on all pages of the library's wall."""
    viewer, names, after = Viewer(user), [], ""
    chosen = read_chosen(QueryDict(urlencode(values)), viewer)
    while page := fetch_wall(viewer, chosen, after, size):
        names += [str(each.row) if each.template else each.title for each in page.rows]
        after = page.after
        if not after:
            return names


def test_films_groups_of_takes_and_clips_stand_on_one_wall_by_date(browser, story, mika):
    now = timezone.now()
    Story.objects.update(touched_at=now - timedelta(days=3))
    make_works(mika, story, now, count=1)
    browser.get("/clips/")  # keeps what later pages need not read again
    with CaptureQueriesContext(connection) as few:
        browser.get("/clips/")

    make_works(mika, story, now, count=4)

    wall = ["clip 0", "film 0", "clip 1", "film 1", "The last summer train", "clip 2", "film 2", "clip 3", "film 3"]
    for size in (1, 4, 24):
        assert list_wall(mika, size) == wall
        assert list_wall(mika, size, sort="oldest") == wall[::-1]
    with CaptureQueriesContext(connection) as many:
        page = browser.get("/clips/").text
    assert len(many) == len(few)
    assert page.count('data-after=""') == 1
    rows = browser.get("/clips/?sort=title").context["page"].rows
    assert len(rows) == Clip.objects.count() and not any(each.template for each in rows), "single clips in other orders"


def make_works(user, story, now, *, count):
    """Create clips and films, one of each every two days before now, if they are not there yet."""
    for n in range(Film.objects.count(), count):
        made = now - timedelta(days=2 * n)
        create_clip(user, title=f"clip {n}", created_at=made)
        film = create_film(user, story=story, version=n + 1, name=f"film {n}")
        Film.objects.filter(pk=film.pk).update(created_at=made - timedelta(hours=1))


def test_the_film_is_made_from_the_storyboard_of_what_is_there(browser, story, mika, create_story):
    assert len(build_board(story).drawn) == 2

    response = browser.post(f"/stories/{story.pk}/film/make/", {"as_it_is": "1", "idem_key": "a" * 32})

    assert response.status_code == 302 and response.url == f"/stories/{story.pk}/film/"
    assert Film.objects.get().story == story
