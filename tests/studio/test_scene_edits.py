"""Concurrent edits of a scene: nothing is lost, and every edit can be restored."""

import re

import pytest
from django.db import Error, transaction
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import Collision, SceneLocked
from studio.models import SceneEdit
from studio.scenes import edits
from studio.scenes import services as scene_services
from studio.timeline.fields import merge_fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(mika, create_story, scenes):
    return scenes(create_story(mika, "She waits"))[0]


def edit(scene, by, rev=None, **changes):
    return edits.edit_scene(scene=scene, by=by, rev=scene.rev if rev is None else rev, changes=changes)


def test_an_edit_is_saved_and_recorded(mika, scene):
    saved = edit(scene, mika, prompt="She runs", seconds=4)

    assert (saved.prompt, saved.seconds, saved.rev) == ("She runs", 4, scene.rev + 1)
    (recorded,) = saved.edits.all()
    assert recorded.before == {"prompt": "She waits", "seconds": 2} and recorded.by == mika


def test_improved_words_are_saved_in_their_scene_without_scripts(mika, scene, sign_in):
    browser, page = sign_in(mika), f"/stories/scenes/{scene.pk}/"
    form = {"prompt": scene.prompt, "rev": scene.rev, "save_to": page, "time": "night", "camera": "push"}
    suggested = browser.post("/prompts/improve/", form).text
    words = re.search(r'name="prompt" value="(She waits[^"]+)"', suggested)[1]
    assert f'action="{page}"' in suggested and "night" not in words
    assert 'action="https://' not in browser.post("/prompts/improve/", form | {"save_to": "https://else.test"}).text

    browser.post(page, {"prompt": words, "rev": scene.rev})

    scene.refresh_from_db()
    assert scene.prompt == words


def test_saving_the_same_value_is_no_edit(mika, scene):
    assert edit(scene, mika, prompt="She waits").rev == scene.rev
    assert SceneEdit.objects.count() == 0


def test_different_fields_of_two_tabs_are_both_saved(mika, ren, scene):
    rev = scene.rev
    edit(scene, mika, rev, prompt="She runs", note="slow", seconds=2)

    merged = edit(scene, ren, rev, prompt="She waits", note="", line="Wait!", seconds=2)

    assert (merged.prompt, merged.note, merged.line) == ("She runs", "slow", "Wait!")


def test_a_conflict_shows_both_versions_and_saves_nothing(mika, ren, scene):
    rev = scene.rev
    edit(scene, mika, rev, prompt="She runs")

    with pytest.raises(Collision) as collision:
        edit(scene, ren, rev, prompt="She sleeps", line="Good night")

    assert collision.value.fields == {"prompt": ("She runs", "She sleeps")}
    assert collision.value.by == "Mika"
    scene.refresh_from_db()
    assert (scene.prompt, scene.line) == ("She runs", "")


def test_the_same_change_by_both_is_no_conflict(mika, ren, scene):
    rev = scene.rev
    edit(scene, mika, rev, prompt="She runs")

    assert edit(scene, ren, rev, prompt="She runs").prompt == "She runs"


def test_a_field_changed_back_does_not_conflict(mika, ren, scene):
    rev = scene.rev
    edit(scene, mika, rev, prompt="She runs")
    scene.refresh_from_db()
    edit(scene, mika, prompt="She waits")

    assert edit(scene, ren, rev, prompt="She sleeps").prompt == "She sleeps"


def test_a_locked_scene_is_not_edited(mika, scene):
    scene_services.lock_scene(scene=scene, by=mika, is_locked=True)

    with pytest.raises(SceneLocked):
        edit(scene, mika, prompt="She runs")
    assert edit(scene, mika, prompt="She waits").prompt == "She waits"


def test_restoring_an_edit_undoes_later_ones_and_can_be_undone(mika, scene):
    edit(scene, mika, prompt="She runs")
    first = SceneEdit.objects.get()
    for changes in ({"prompt": "She falls"}, {"line": "Ouch"}):
        scene.refresh_from_db()
        edit(scene, mika, **changes)

    restored, _lost = edits.restore_edit(edit=first, by=mika)

    assert (restored.prompt, restored.line) == ("She waits", "")
    assert restored.edits.count() == 4
    restored, _lost = edits.restore_edit(edit=restored.edits.first(), by=mika)
    assert (restored.prompt, restored.line) == ("She falls", "Ouch")


def test_history_is_append_only_and_deleted_with_its_scene(mika, scene):
    edit(scene, mika, prompt="She runs")

    for change in (lambda rows: rows.update(rev=99), lambda rows: rows.delete()):
        with pytest.raises(Error), transaction.atomic():
            change(SceneEdit.objects.all())
    scene.story.delete()

    assert SceneEdit.objects.count() == 0


def test_history_forgets_an_erased_user(ren, scene):
    edit(scene, ren, prompt="She runs")
    SceneEdit.objects.update(by=None)

    assert SceneEdit.objects.get().after == {"prompt": "She runs"}


values = st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), min_size=3, max_size=3)


@given(base=values, theirs=values, own=values)
def test_a_merge_loses_nothing_and_invents_nothing(base, theirs, own):
    merged, collisions = merge_fields(base, theirs, own)

    for name in own:
        result = merged.get(name, theirs[name])
        if name in collisions:
            assert base[name] != theirs[name] != own[name] != base[name]
        elif own[name] == base[name]:
            assert result == theirs[name]
        else:
            assert result == own[name]
