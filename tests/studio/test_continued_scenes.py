"""A scene that continues the previous one starts from its last frame, waits for it, or is skipped."""

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from accounts.billing import ledger
from generation.models import Clip
from jobs.lifecycle import engine
from studio.drawing import services as drawing_services
from studio.drawing.continuity import get_final_clips
from studio.drawing.quote import build_quote
from studio.models import Scene, Take
from studio.scenes import services as scene_services
from studio.timeline.board import build_board
from tests.studio.atelier import PRICE
from tests.studio.render.clips import read_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(mika, create_story, atelier):
    return create_story(mika, "a girl on a hill", "a dog on a hill", "a cat on a hill", provider="atelier")


def start_run(story, by, key="k", which="missing", **more):
    return drawing_services.start_run(story=story, by=by, which=which, idem_key=key, **{"mode": "coherent"} | more)


def states_of(start_run):
    return list(start_run.shots.values_list("state", flat=True))


def draw_one(mika, scene, **more):
    return start_run(scene.story, mika, f"one-{scene.pk}", which="one", scene=scene, **more)


def continued_clip(scene):
    """Return the clip from whose last frame the scene's newest take started."""
    return scene.takes.latest("created_at").clip.continues


def lock(scene):
    Scene.objects.filter(pk=scene.pk).update(is_locked=True)


def test_moving_a_scene_during_a_run_does_not_block_it(mika, story, scenes, run_jobs, atelier):
    run = start_run(story, mika)
    engine.advance(run.job_id)
    dog = scenes(story)[1]

    scene_services.move_scene(scene=dog, by=mika, to=3)
    run_jobs()

    assert states_of(run) == ["done"] * 3
    assert [prompt.split(".")[0] for prompt in atelier.drawn] == [
        "a girl on a hill",
        "a cat on a hill",
        "a dog on a hill",
    ]
    clips = [panel.playing.clip for panel in build_board(story).panels]
    assert [clip.continues for clip in clips] == [None, clips[0], clips[1]]


def test_a_scene_moved_to_the_front_starts_without_a_frame(mika, story, scenes, run_jobs):
    run = start_run(story, mika)
    cat = scenes(story)[2]

    scene_services.move_scene(scene=cat, by=mika, to=1)
    run_jobs()

    assert states_of(run) == ["done"] * 3
    clips = [panel.playing.clip for panel in build_board(story).panels]
    assert [clip.continues for clip in clips] == [None, clips[0], clips[1]]


@pytest.mark.parametrize(("on_failure", "state"), [("stop", "skipped"), ("continue", "done")])
def test_a_scene_inserted_during_a_run_is_skipped_only_if_chosen(mika, story, scenes, run_jobs, on_failure, state):
    run = start_run(story, mika, on_failure=on_failure)
    engine.advance(run.job_id)

    scene_services.add_scene(story=story, by=mika, prompt="a fox on a hill", at=2)
    run_jobs()

    assert states_of(run) == ["done", state, state]
    girl, fox, dog, _cat = scenes(story)
    assert not fox.takes.exists()
    if on_failure == "continue":
        assert continued_clip(dog) == girl.takes.get().clip


def test_a_run_waits_for_a_scene_of_another_run(mika, story, scenes, run_jobs):
    first, second, third = scenes(story)
    earlier = draw_one(mika, first)
    engine.advance(earlier.job_id)

    later = start_run(story, mika)
    engine.advance(later.job_id)
    assert states_of(later) == ["waiting", "waiting"], "a scene was bought before its first frame existed"
    run_jobs()

    assert states_of(later) == ["done", "done"]
    assert continued_clip(second) == first.takes.get().clip
    assert continued_clip(third) == second.takes.get().clip


@pytest.mark.parametrize("reason", ["locked", "empty", "beyond the cap"])
def test_a_scene_after_an_unfinished_one_is_drawn_only_if_chosen(mika, story, scenes, run_jobs, reason):
    second = scenes(story)[1]
    caps = {}
    if reason == "locked":
        lock(second)
    elif reason == "empty":
        Scene.objects.filter(pk=second.pk).update(prompt="")
    else:
        caps = {"USD": PRICE}

    rows = build_quote(story, by=mika, which="all", mode="coherent", on_failure="stop", caps=caps).rows
    run = start_run(story, mika, which="all", on_failure="stop", caps=caps)
    run_jobs()

    assert [row.is_included for row in rows] == [True, False, False]
    assert rows[2].is_over_cap or "no final take to start from" in rows[2].reasons[0]
    assert states_of(run) == ["done"]
    assert ledger.get_wallet(story.workspace).spent == PRICE


def test_a_locked_unfinished_scene_is_skipped_if_chosen(mika, story, scenes, run_jobs):
    first, second, third = scenes(story)
    lock(second)

    rows = build_quote(story, by=mika, which="all", mode="coherent", on_failure="continue").rows
    start_run(story, mika, which="all", on_failure="continue")
    run_jobs()

    assert [row.is_included for row in rows] == [True, False, True] and rows[2].notes == []
    assert continued_clip(third) == first.takes.get().clip


def test_locking_a_scene_does_not_start_the_next_one_early(mika, story, scenes, run_jobs):
    run = start_run(story, mika, on_failure="continue")
    engine.advance(run.job_id)
    first, second, third = scenes(story)
    lock(second)
    engine.advance(run.job_id)
    run_jobs()

    assert states_of(run) == ["done", "skipped", "done"]
    assert continued_clip(third) == first.takes.get().clip


def test_the_quote_names_scenes_without_a_previous_frame(mika, story, scenes):
    second = scenes(story)[1]

    stopped = build_quote(story, by=mika, which="one", scene=second, mode="coherent", on_failure="stop")
    continued = build_quote(story, by=mika, which="one", scene=second, mode="coherent", on_failure="continue")

    assert stopped.shots == [] and continued.shots
    assert "starts on its own" in continued.rows[0].notes[0]


def test_the_mark_of_a_quote_does_not_depend_on_the_language(mika, story, scenes):
    choices = {"by": mika, "which": "one", "scene": scenes(story)[1], "mode": "coherent", "on_failure": "continue"}

    def read_note_and_mark():
        quote = build_quote(story, **choices)
        return quote.rows[0].notes, quote.mark

    english, before = read_note_and_mark()
    with override("zh-hans"):
        chinese, after = read_note_and_mark()

    assert english != chinese and before == after


def test_drawing_one_scene_offers_to_skip_the_missing_one(mika, story, scenes, sign_in):
    story.mode = "coherent"
    story.save()
    url = f"/stories/{story.pk}/draw/?which=one&scene="
    browser = sign_in(mika)

    first, second = (browser.get(f"{url}{scene.pk}").content.decode() for scene in scenes(story)[:2])
    skipping = browser.get(f"{url}{scenes(story)[1].pk}&on_failure=continue").content.decode()

    assert 'name="on_failure"' not in first
    assert 'name="on_failure"' in second and "no final take to start from" in second
    assert "starts on its own" in skipping


def test_a_final_scene_outside_the_run_provides_its_last_frame(mika, story, scenes, run_jobs):
    first, second, _third = scenes(story)
    draw_one(mika, first)
    run_jobs()
    lock(first)

    run = start_run(story, mika)
    run_jobs()

    assert states_of(run) == ["done", "done"]
    assert continued_clip(second) == first.takes.get().clip


def test_the_quote_says_that_the_previous_frame_replaces_the_chosen(mika, story, scenes, sign_in):
    frame = story.workspace.pictures.create(key="pictures/x.png", width=64, height=64, bytes=1, sha256="0" * 64)
    Scene.objects.filter(pk__in=[scene.pk for scene in scenes(story)[:2]]).update(first_frame=frame)

    rows = build_quote(story, by=mika, which="all", mode="coherent").rows
    page = sign_in(mika).get(f"/stories/{story.pk}/draw/?which=all&mode=coherent").content.decode()

    assert [bool(row.notes) for row in rows] == [False, True, False]
    assert page.count("not on the first frame chosen for it") == 1
    assert not any(row.notes for row in build_quote(story, by=mika, which="all", mode="fast").rows)


def test_the_cap_ends_the_run_even_for_cheaper_scenes(mika, story, scenes, atelier):
    Scene.objects.filter(pk=scenes(story)[1].pk).update(seconds=5)
    prices = {2: PRICE, 5: 3 * PRICE}
    atelier.estimate_price = lambda request: prices[request.seconds]

    rows = build_quote(story, by=mika, which="all", mode="fast", caps={"USD": 2 * PRICE}).rows

    assert [row.is_over_cap for row in rows] == [False, True, True]


@pytest.mark.parametrize(("trim_out", "number"), [(0, 47), (20, 27)])
def test_the_next_scene_starts_from_the_trimmed_last_frame(mika, story, scenes, run_jobs, atelier, trim_out, number):
    first, second, _third = scenes(story)
    draw_one(mika, first)
    run_jobs()
    Scene.objects.filter(pk=first.pk).update(trim_out=trim_out)

    draw_one(mika, second)
    run_jobs()

    (frame,) = (frame for prompt, frame in atelier.starts.items() if "dog" in prompt)
    assert read_number(frame) == number


def test_continuity_needs_no_query_per_take(mika, story, run_jobs, atelier):
    start_run(story, mika, mode="fast")
    run_jobs()
    rows_read = []

    def count_row(sender, **more):
        rows_read.append(sender)

    def count_reads():
        rows_read.clear()
        with CaptureQueriesContext(connection) as queries:
            assert len(get_final_clips(story)) == 3
        return len(queries), rows_read.count(Take), rows_read.count(Clip)

    for model in (Take, Clip):
        post_init.connect(count_row, sender=model, dispatch_uid="counted")
    try:
        before = count_reads()
        for take in list(Take.objects.filter(scene__story=story).select_related("clip")):
            fields = {name: getattr(take.clip, name) for name in ("workspace", "title", "prompt", "seed", "ready_at")}
            clips = Clip.objects.bulk_create(Clip(**fields) for _ in range(20))
            Take.objects.bulk_create(Take(scene_id=take.scene_id, clip=clip, purpose="animatic") for clip in clips)
        assert count_reads() == before == (2, 3, 3)
    finally:
        for model in (Take, Clip):
            post_init.disconnect(sender=model, dispatch_uid="counted")
