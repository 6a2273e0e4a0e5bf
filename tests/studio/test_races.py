"""Concurrent requests lose no scene, leave no gap in the order and overwrite no unseen text."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from generation.models import Clip
from jobs import services as jobs
from jobs.lifecycle import engine, transitions
from jobs.models import State
from studio.characters import services as character_services
from studio.drawing import services as drawing_services
from studio.drawing import worker as drawing_worker
from studio.errors import Collision, OrderChanged
from studio.importing import services as import_services
from studio.models import Run, Scene, SceneEdit, Take
from studio.parsing.drafts import SceneDraft
from studio.scenes import edits
from studio.scenes import services as scene_services
from studio.stories import copy_story
from studio.timeline import order
from tests.processes import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rows]


def run_at_once(*actions):
    """Run all actions at the same time. Returns their results or exceptions."""
    ready, results = threading.Barrier(len(actions)), [None] * len(actions)

    def run(n, action):
        ready.wait()
        try:
            results[n] = action()
        except Exception as error:  # noqa: BLE001 - returned to the test
            results[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, action)) for n, action in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def positions(story):
    return list(story.scenes.shown().in_order().values_list("position", flat=True))


def test_concurrent_scene_changes_leave_no_gap_in_the_order(mika, create_story, scenes):
    story = create_story(mika, *(f"scene {n}" for n in range(6)))
    rows = scenes(story)

    results = run_at_once(
        lambda: scene_services.add_scene(story=story, by=mika, prompt="first", at=1),
        lambda: scene_services.add_scene(story=story, by=mika, prompt="last"),
        lambda: scene_services.move_scene(scene=rows[0], by=mika, to=5),
        lambda: scene_services.move_scene(scene=rows[5], by=mika, to=1),
        lambda: scene_services.delete_scene(scene=rows[2], by=mika),
        lambda: scene_services.duplicate_scene(scene=rows[3], by=mika),
        lambda: scene_services.split_scene(scene=rows[4], by=mika),
    )

    assert [result for result in results if isinstance(result, Exception)] == []
    assert positions(story) == list(range(1, 10))
    assert Scene.objects.filter(story=story).count() == 10


def test_one_of_two_concurrent_reorders_is_refused(mika, create_story, scenes):
    story = create_story(mika, "one", "two", "three")
    story.refresh_from_db()
    ids = [scene.pk for scene in scenes(story)]

    results = run_at_once(
        lambda: scene_services.reorder_scenes(story=story, by=mika, wanted=ids[::-1], order_rev=story.order_rev),
        lambda: scene_services.reorder_scenes(
            story=story, by=mika, wanted=ids[1:] + ids[:1], order_rev=story.order_rev
        ),
    )

    assert sum(isinstance(result, OrderChanged) for result in results) == 1
    assert positions(story) == [1, 2, 3]


def test_concurrent_edits_of_different_fields_are_both_saved(mika, create_story, scenes):
    scene = scenes(create_story(mika, "one"))[0]

    results = run_at_once(
        lambda: edits.edit_scene(scene=scene, by=mika, rev=scene.rev, changes={"prompt": "two", "line": ""}),
        lambda: edits.edit_scene(scene=scene, by=mika, rev=scene.rev, changes={"prompt": "one", "line": "Hi"}),
    )

    assert [result for result in results if isinstance(result, Exception)] == []
    scene.refresh_from_db()
    assert (scene.prompt, scene.line) == ("two", "Hi")


def test_one_concurrent_edit_wins_and_the_others_conflict(mika, create_story, scenes):
    scene = scenes(create_story(mika, "one"))[0]

    results = run_at_once(
        *(
            lambda n=n: edits.edit_scene(scene=scene, by=mika, rev=scene.rev, changes={"prompt": f"text {n}"})
            for n in range(5)
        )
    )

    collisions = [result for result in results if isinstance(result, Collision)]
    scene.refresh_from_db()
    assert len(collisions) == 4 and SceneEdit.objects.count() == 1
    assert {collision.fields["prompt"][0] for collision in collisions} == {scene.prompt}


def test_concurrent_clicks_start_one_run(mika, create_story):
    story = create_story(mika, "one", "two")

    results = run_at_once(*(lambda: drawing_services.start_run(story=story, by=mika, which="all", idem_key="k"),) * 3)

    assert len({run.pk for run in results}) == 1
    assert Run.objects.get().shots.count() == 2


def edit_scene(scene, by):
    edits.edit_scene(scene=scene, by=by, rev=2, changes={"line": "Hi"})


def restore_edit(scene, by):
    edits.restore_edit(edit=scene.edits.get(), by=by)


def lock_scene(scene, by):
    scene_services.lock_scene(scene=scene, by=by, is_locked=True)


def cast_character(scene, by):
    character = character_services.add_character(workspace=scene.story.workspace, by=by, name="Aki", kind="person")
    character_services.cast_character(scene=scene, character=character, by=by, is_in=True)


def is_lock_awaited():
    """Return whether another connection waits for a row locked by this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize("action", [edit_scene, restore_edit, lock_scene, cast_character])
def test_a_scene_edited_during_a_reorder_is_saved(mika, create_story, scenes, monkeypatch, action):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    story = create_story(mika, "one", "two", "three")
    story.refresh_from_db()
    rows = scenes(story)
    edits.edit_scene(scene=rows[0], by=mika, rev=1, changes={"line": "Hello"})
    entered, ids = threading.Event(), order.get_scene_ids

    def wait_for_lock(story):
        entered.set()
        until(is_lock_awaited)
        return ids(story)

    monkeypatch.setattr(order, "get_scene_ids", wait_for_lock)
    results = run_at_once(
        lambda: scene_services.reorder_scenes(
            story=story, by=mika, wanted=[scene.pk for scene in rows[::-1]], order_rev=story.order_rev
        ),
        lambda: (entered.wait(100), action(rows[0], mika)),
    )

    assert [result for result in results if isinstance(result, Exception)] == []
    assert scenes(story) == rows[::-1]


def test_a_take_finished_during_an_import_is_shown(mika, create_story, scenes, monkeypatch, key):
    """Both lock the story before the wallet; the reverse order deadlocks."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    story = create_story(mika, "one")
    (scene,) = scenes(story)
    job = jobs.submit(workspace=story.workspace, by=mika, kind="clip", title="take", params={}, idem_key=key())
    clip = Clip.objects.create(workspace=story.workspace, job=job, prompt="one", seed=1, ready_at=timezone.now())
    take = Take.objects.create(scene=scene, clip=clip)
    for state in (State.RUNNING, State.STORED):
        transitions.move(job, state)
    entered, ids = threading.Event(), order.get_scene_ids

    def wait_for_lock(story):
        entered.set()
        until(is_lock_awaited)
        return ids(story)

    monkeypatch.setattr(order, "get_scene_ids", wait_for_lock)
    imported = {"shots": [SceneDraft(action="two", seconds=2)], "people": [], "idem_key": key()}
    results = run_at_once(
        lambda: import_services.import_scenes(workspace=story.workspace, by=mika, story=story, **imported),
        lambda: (entered.wait(100), transitions.move(job, State.READY)),
    )

    assert [result for result in results if isinstance(result, Exception)] == []
    scene.refresh_from_db()
    assert scene.chosen == take and story.scenes.count() == 2


def test_a_take_finished_during_a_copy_is_shown_in_both(mika, create_story, scenes, monkeypatch, key):
    """The end of a clip must see the takes of the copy."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    story = create_story(mika, "one")
    job = jobs.submit(workspace=story.workspace, by=mika, kind="clip", title="take", params={}, idem_key=key())
    clip = Clip.objects.create(workspace=story.workspace, job=job, prompt="one", seed=1, ready_at=timezone.now())
    Take.objects.create(scene=scenes(story)[0], clip=clip)
    for state in (State.RUNNING, State.STORED):
        transitions.move(job, state)
    entered, copy_takes = threading.Event(), copy_story.copy_takes

    def wait_for_lock(rows, created):
        entered.set()
        until(is_lock_awaited)
        return copy_takes(rows, created)

    monkeypatch.setattr(copy_story, "copy_takes", wait_for_lock)
    copy, ended = run_at_once(
        lambda: copy_story.duplicate_story(story=story, by=mika),
        lambda: (entered.wait(100), transitions.move(job, State.READY)),
    )

    assert not isinstance(ended, Exception), ended
    assert [scene.chosen.clip for row in (story, copy) for scene in scenes(row) if scene.chosen] == [clip, clip]


def test_stopping_a_run_while_a_clip_ends_does_not_deadlock(mika, create_story, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    run = drawing_services.start_run(story=create_story(mika, "one", "two"), by=mika, which="all", idem_key="k")
    engine.advance(run.job_id)
    waiting, ending = [shot.clip.job for shot in run.shots.order_by("n").select_related("clip__job")]
    for state in (State.RUNNING, State.STORED):
        transitions.move(ending, state)
    entered = threading.Event()

    def wait_for_lock(name, key=""):
        if name == "before_ended" and key == str(ending.pk):
            entered.set()
            until(is_lock_awaited)

    monkeypatch.setattr(transitions, "failpoint", wait_for_lock)
    results = run_at_once(
        lambda: transitions.move(ending, State.READY),
        lambda: (entered.wait(100), drawing_services.stop_run(run=run, by=mika)),
    )

    assert [result for result in results if isinstance(result, Exception)] == []
    for job, state in ((waiting, State.CANCELLED), (ending, State.READY)):
        job.refresh_from_db()
        assert job.state == state


def test_a_clip_requested_during_a_stop_is_cancelled(mika, create_story, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    run = drawing_services.start_run(story=create_story(mika, "one", "two"), by=mika, which="all", idem_key="k")
    is_requested, is_listed = threading.Event(), threading.Event()
    create = drawing_worker.clip_services.create_clips

    def wait_for_lock(*spec, **more):
        created = create(*spec, **more)
        is_requested.set()
        until(lambda: is_listed.is_set() or is_lock_awaited())
        return created

    monkeypatch.setattr(drawing_worker.clip_services, "create_clips", wait_for_lock)
    results = run_at_once(
        lambda: engine.advance(run.job_id),
        lambda: (is_requested.wait(100), drawing_services.stop_run(run=run, by=mika), is_listed.set()),
    )

    assert [result for result in results if isinstance(result, Exception)] == []
    assert [clip.job.state for clip in Clip.objects.select_related("job")] == [State.CANCELLED]
