"""Stories, films, music and imports get requests that no page sends."""

import json
from datetime import timedelta
from itertools import product

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from generation.media import storage
from generation.models import Video
from generation.providers.adapters.comfyui import graph
from generation.services import video_uploads
from jobs.lifecycle import engine
from jobs.models import Job
from jobs.services import TooManyJobs
from studio.drawing import services as drawing_services
from studio.films import music as film_music
from studio.models import Film, Music, Run
from studio.scenes import edits, providers
from studio.scenes import services as scene_services
from studio.stories import services as story_services
from tests.sweep import sweep

pytestmark = pytest.mark.django_db
DIGITS = "9" * 5000


@pytest.fixture
def story(mika):
    created = story_services.create_story(workspace=mika.workspaces.get(), by=mika, title="The last summer train")
    for text in ("A girl waits. The wind blows.", "The train comes. She gets on."):
        scene_services.add_scene(story=created, by=mika, prompt=text, seconds=2)
    return created


@pytest.fixture
def browser(sign_in, mika):
    return sign_in(mika)


# --- Numbers and keys --------------------------------------------------------------------------------------------


def test_a_poster_number_of_any_kind_breaks_nothing(browser, story, mika):
    job = Job.objects.create(workspace=story.workspace, kind="film", title="-", idem_key="f", request_hash="-")
    film = Film.objects.create(
        story=story, job=job, version=1, frames=1, width=2, height=2, plan={},
        chapters=[{"n": 1, "place": "-", "title": "-", "start": 0, "end": 1}],
    )  # fmt: skip

    for number in ("000000" + DIGITS, DIGITS, "00000099", "²", "-1"):
        assert browser.post(f"/stories/films/{film.pk}/poster/", {"number": number}).status_code == 400, number[:12]


def test_a_form_that_shows_a_resolution_of_any_kind_breaks_nothing(browser, story):
    data = {
        "title": "New", "ratio": story.ratio, "style": story.style, "resolution": "720",
        "engine": providers.join_choice(story.provider, story.model),
        "mode": story.mode, "on_failure": story.on_failure,
    }  # fmt: skip

    with sweep([DIGITS, "²", "-1", "0x1"]) as rows:
        for number in rows:
            with rows.row(number[:20]):
                response = browser.post(f"/stories/{story.pk}/settings/", data | {"was_resolution": number})
                assert response.status_code in (302, 409)


def test_positions_and_revisions_of_any_kind_break_nothing(browser, story):
    scene = story.scenes.first()
    cases = [
        (f"/stories/scenes/{scene.pk}/move/", "to", {}),
        (f"/stories/scenes/{scene.pk}/move/", "by", {}),
        (f"/stories/scenes/{scene.pk}/split/", "at", {}),
        (f"/stories/scenes/{scene.pk}/choose/", "take", {}),
        (f"/stories/scenes/{scene.pk}/history/restore/", "edit", {}),
        (f"/stories/scenes/{scene.pk}/join/", "rev", {"join_frames": "12"}),
        (f"/stories/scenes/{scene.pk}/", "rev", {"prompt": "x"}),
        (f"/stories/{story.pk}/order/", "order_rev", {"ids": str(scene.pk)}),
        (f"/stories/{story.pk}/add/", "at", {"prompt": "x"}),
        (f"/stories/{story.pk}/draw/", "cap_USD", {"which": "all"}),
    ]
    with sweep(product(cases, [DIGITS, "-" + DIGITS, "²", "9223372036854775808"])) as rows:
        for (url, name, data), number in rows:
            with rows.row(url, name, number[:20]):
                assert browser.post(url, data | {name: number}).status_code < 500


def test_an_idempotency_key_of_one_story_does_nothing_to_another(browser, story, mika):
    other = story_services.create_story(workspace=story.workspace, by=mika, title="Another")
    scene_services.add_scene(story=other, by=mika, prompt="Snow falls.", seconds=2)
    data = {"idem_key": "the-same-key"}

    assert browser.post(f"/stories/{story.pk}/animate/", data).status_code == 302
    assert browser.post(f"/stories/{other.pk}/animate/", data).status_code < 500
    assert not Run.objects.filter(story=other).exists()


# --- Scenes in the trash -------------------------------------------------------------------------------------------


def test_a_scene_in_the_trash_is_not_split(browser, story, mika):
    scene = story.scenes.first()
    scene_services.delete_scene(scene=scene, by=mika)

    assert browser.post(f"/stories/scenes/{scene.pk}/split/").status_code < 500
    assert story.scenes.count() == 2


def test_restoring_from_the_trash_keeps_the_limit_of_scenes(browser, story, mika, settings):
    settings.SCENES_PER_STORY = 2
    scene = story.scenes.first()
    scene_services.delete_scene(scene=scene, by=mika)
    scene_services.add_scene(story=story, by=mika, prompt="One more.", seconds=2)

    assert browser.post(f"/stories/scenes/{scene.pk}/restore/").status_code < 500
    assert story.scenes.shown().count() == 2


# --- Rows of other users ---------------------------------------------------------------------------------------


def test_a_film_does_not_use_music_of_another_user(browser, story, ren):
    foreign = Music.objects.create(
        workspace=ren.workspaces.get(), created_by=ren, title="Theirs", sha256="a" * 64, bytes=1
    )

    response = browser.post(f"/stories/{story.pk}/film/settings/", {"music": foreign.pk})

    assert response.status_code == 422 and "Theirs" not in response.content.decode()


def test_a_run_does_not_draw_a_scene_of_another_user(browser, story, ren):
    foreign = story_services.create_story(workspace=ren.workspaces.get(), by=ren, title="Theirs")
    scene = scene_services.add_scene(story=foreign, by=ren, prompt="A secret.", seconds=2)

    for data in ({"which": "one", "scene": scene.pk}, {"which": "all", "scene": scene.pk}):
        assert browser.get(f"/stories/{story.pk}/draw/", data).status_code == 404
        assert browser.post(f"/stories/{story.pk}/draw/", data).status_code == 404
    page = browser.get(f"/stories/{story.pk}/", {"scene": str(scene.pk)})
    assert "A secret" not in page.content.decode()


def test_texts_are_never_markup_on_any_page_of_a_story(browser, story, mika):
    texts = ["<img src=x onerror=alert(1)>", '" hx-get="/x" hx-trigger="load', "{{ 7*7 }}{0}{x}"]
    scene = story.scenes.first()
    pages = [
        "/stories/", f"/stories/{story.pk}/", f"/stories/{story.pk}/settings/", f"/stories/{story.pk}/film/",
        f"/stories/{story.pk}/draw/?which=all", f"/stories/scenes/{scene.pk}/", f"/stories/scenes/{scene.pk}/history/",
    ]  # fmt: skip
    with sweep(texts) as rows:
        for text in rows:
            scene.refresh_from_db()
            story_services.change_story(story=story, by=mika, changes={"title": text, "synopsis": text})
            edits.edit_scene(
                scene=scene, by=mika, rev=scene.rev,
                changes={"prompt": text, "place_name": text, "speaker": text, "line": text, "note": text},
            )  # fmt: skip
            for page in pages:
                with rows.row(text, page):
                    response = browser.get(page)
                    assert response.status_code == 200
                    assert "<img src=x" not in response.text and '" hx-get="/x"' not in response.text


# --- Files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["video", "music"])
def test_a_refused_upload_leaves_no_file(story, mika, monkeypatch, kind, film):
    def refuse(**_arguments):
        raise TooManyJobs("too many")

    stored_keys = []
    store = storage.store_file
    monkeypatch.setattr(storage, "store_file", lambda path, key: stored_keys.append(key) or store(path, key))
    target = "generation.services.video_uploads.jobs.submit"
    monkeypatch.setattr(target, refuse)
    upload = SimpleUploadedFile("a.mp4", film)

    with pytest.raises(TooManyJobs):
        if kind == "video":
            video_uploads.save_video(upload, workspace=story.workspace, by=mika)
        else:
            film_music.upload_music(upload=upload, story=story, by=mika)

    assert [key for key in stored_keys if storage.get_size(key) is not None] == []
    assert not Video.objects.exists() and not Music.objects.exists()


def test_a_workflow_with_a_character_that_a_database_refuses_is_refused():
    node = {"class_type": "SaveVideo", "inputs": {"filename_prefix": "x"}}
    with sweep(["a\x00b", "\ud800"]) as rows:
        for text in rows:
            for part, nodes in {
                "title": {"1": node | {"_meta": {"title": text}}},
                "class_type": {"1": node, "2": {"class_type": text, "inputs": {}}},
                "inputs": {"1": node | {"inputs": {text: "words"}}},
            }.items():
                with rows.row(repr(text), part), pytest.raises(graph.GraphRefused):
                    graph.read_graph(json.dumps(nodes).encode())


def test_a_workflow_that_is_slow_to_parse_is_refused():
    contents = {"lists": b"[" * 900_000, "objects": b'{"a":' * 180_000, "digits": b"9" * 900_000}
    with sweep((contents | {"number": b'{"1":' + b"1" * 5000 + b"}"}).items()) as rows:
        for name, content in rows:
            with rows.row(name), pytest.raises(graph.GraphRefused):
                graph.read_graph(content)


# --- Text --------------------------------------------------------------------------------------------------------


# --- Floods ------------------------------------------------------------------------------------------------------


def test_many_waiting_runs_do_not_keep_the_workers_busy_with_checks(story, mika, settings):
    scene = story.scenes.first()
    drawing_services.draw_animatics(story=story, by=mika, idem_key="first", scenes=[scene.pk])
    first = Job.objects.get(kind="run")
    for n in range(99):
        Job.objects.create(workspace=story.workspace, kind="run", title="-", idem_key=f"k{n}", request_hash="-")
    settings.JOBS_PER_WORKSPACE = 1
    Job.objects.create(workspace=story.workspace, kind="clip", title="-", idem_key="busy", request_hash="-")

    before = timezone.now()
    engine.advance(first.pk)

    first.refresh_from_db()
    assert first.is_active
    assert first.next_run_at - before > timedelta(seconds=15)
