"""Film settings: transitions, volume, music, cards and aspect ratio."""

import json
from pathlib import Path

import pytest
from django.utils import timezone

from studio.films import plan as film_plan
from studio.films import plan_json
from studio.films import services as film_services
from studio.models import Music as MusicRow
from studio.models import Scene
from studio.render.plan import Format, Join, JoinKind, Music
from studio.timeline.film_settings import get_film_settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def change_settings(mika):
    """``change_settings(story, fit="crop")`` changes the film settings of a story."""

    def change(story, **changes):
        film_services.change_film_settings(story=story, by=mika, changes=changes)

    return change


def test_the_title_card_uses_its_chosen_transition(create_storyboard, change_settings):
    story = create_storyboard(2)
    change_settings(story, title_text="Harbour", title_seconds=2)
    frames_without_transition = film_plan.build_film_plan(story).render_plan.frames

    change_settings(story, title_join="iris", title_join_frames=18)

    plan = film_plan.build_film_plan(story)
    assert plan.joins[0] == Join(JoinKind.IRIS, 18)
    assert (plan.render_plan.frames, frames_without_transition) == (48 + 2 * 48 - 18, 48 + 2 * 48)
    assert plan.rows[1].start == 48 - 18


@pytest.mark.parametrize("gain", [-24, 24])
def test_the_page_sets_the_volume_of_a_scene(sign_in, mika, create_storyboard, gain):
    story = create_storyboard(1)
    scene = story.scenes.get()
    Scene.objects.update(gain=3)

    response = sign_in(mika).post(f"/stories/scenes/{scene.pk}/join/", {"rev": scene.rev, "gain": gain})

    assert (response.status_code, film_plan.build_film_plan(story).rows[0].piece.gain) == (302, gain)


@pytest.mark.parametrize("gain", ["-25", "25", "loud"])
def test_an_invalid_volume_is_refused_and_changes_nothing(sign_in, mika, create_storyboard, gain):
    scene = create_storyboard(1).scenes.get()

    data = {"rev": scene.rev, "gain": gain, "trim_in": 6}
    response = sign_in(mika).post(f"/stories/scenes/{scene.pk}/join/", data)

    scene.refresh_from_db()
    assert (response.status_code, scene.gain, scene.trim_in) == (422, 0, 0)


def test_the_worker_gets_exactly_the_saved_settings(create_storyboard, update_scene, change_settings):
    """The plan is stored as JSON with the request and read by the worker without loss."""
    story = create_storyboard(2)
    update_scene(story, 1, gain=-9, trim_in=2, join_kind="wipe", join_frames=10)
    update_scene(story, 2, sound="muted", trim_out=3)
    music_row = MusicRow.objects.create(
        workspace=story.workspace, title="Rain", bytes=1, sha256="a" * 64, bed_sha256="b" * 64, ready_at=timezone.now()
    )
    change_settings(
        story, title_text="Harbour", title_subtitle="in winter", end_text="Goodbye", paper="light", fit="crop",
        is_levelled=False, music=music_row, music_gain=-4, music_duck=-17, title_join="fade_white",
    )  # fmt: skip
    plan = film_plan.build_film_plan(story)
    clips = {str(row.panel.playing.clip_id): (Path(), row.piece.sha256) for row in plan.scenes}

    loaded = plan_json.load_plan(json.loads(json.dumps(plan_json.dump_plan(plan))), clips, (Path("bed.s16"), "b" * 64))

    assert (loaded.format, loaded.pieces, loaded.joins) == (
        plan.render_plan.format,
        plan.render_plan.pieces,
        plan.render_plan.joins,
    )
    assert loaded.music == Music(Path("bed.s16"), "b" * 64, -4.0, -17.0)
    assert loaded.is_levelled is False
    title, first, second, end = loaded.pieces
    assert (
        (title.paper, title.ink)
        == (end.paper, end.ink)
        == film_plan.CARD_COLOURS["light"]
        != film_plan.CARD_COLOURS["dark"]
    )
    assert (title.subtitle, first.fit, first.gain, first.trim_in) == ("in winter", "crop", -9.0, 2)
    assert (second.sound, second.trim_out) == ("muted", 3)


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [
        ("16:9", 720, (1280, 720)),
        ("16:9", 1080, (1920, 1080)),
        ("9:16", 720, (720, 1280)),
        ("9:16", 1080, (1080, 1920)),
        ("1:1", 720, (720, 720)),
        ("1:1", 1080, (1080, 1080)),
    ],
)
def test_every_aspect_ratio_has_its_size_in_both_resolutions(
    mika, create_story, change_settings, full_size, ratio, resolution, size
):
    story = create_story(mika, "A girl waits", ratio=ratio)
    change_settings(story, resolution=resolution)

    plan = film_plan.build_film_plan(story)

    assert plan.format == film_plan.get_format(story, get_film_settings(story)) == Format(*size)
