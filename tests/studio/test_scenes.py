"""Adding, deleting, restoring and moving scenes leaves no gap in the order."""

import uuid

import pytest

from studio.errors import CannotSplit, OrderChanged, SceneLocked, TooManyScenes
from studio.models import Scene, SceneCharacter
from studio.scenes import services as scene_services

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


def list_prompts(story):
    rows = story.scenes.shown().in_order()
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    return [row.prompt for row in rows]


def test_scenes_are_added_at_the_end_and_inserted_anywhere(mika, create_story):
    story = create_story(mika, "one", "two")

    scene_services.add_scene(story=story, by=mika, prompt="between", at=2)
    scene_services.add_scene(story=story, by=mika, prompt="first", at=1)
    scene_services.add_scene(story=story, by=mika, prompt="far", at=99)

    assert list_prompts(story) == ["first", "one", "between", "two", "far"]


def test_moving_a_scene_beyond_the_end_means_the_end(mika, create_story, scenes):
    story = create_story(mika, "one", "two", "three")

    scene_services.move_scene(scene=scenes(story)[0], by=mika, to=2)
    assert list_prompts(story) == ["two", "one", "three"]
    scene_services.move_scene(scene=scenes(story)[0], by=mika, to=50)
    assert list_prompts(story) == ["one", "three", "two"]
    scene_services.move_scene(scene=scenes(story)[2], by=mika, to=-3)
    assert list_prompts(story) == ["two", "one", "three"]


def test_all_scenes_are_put_into_a_new_order(mika, create_story, scenes):
    story = create_story(mika, *(f"scene {n}" for n in range(1, 131)))
    order = [scene.pk for scene in reversed(scenes(story))]
    story.refresh_from_db()

    scene_services.reorder_scenes(story=story, by=mika, wanted=order, order_rev=story.order_rev)

    assert list_prompts(story) == [f"scene {n}" for n in range(130, 0, -1)]


def test_an_order_with_a_scene_of_another_story_is_refused(mika, create_story, scenes):
    story, other = create_story(mika, "one", "two"), create_story(mika, "another")
    story.refresh_from_db()

    for order in ([scenes(story)[0].pk, scenes(other)[0].pk], [scenes(story)[0].pk], [uuid.uuid4()] * 2):
        with pytest.raises(OrderChanged):
            scene_services.reorder_scenes(story=story, by=mika, wanted=order, order_rev=story.order_rev)


def test_a_restored_scene_returns_to_its_position(mika, create_story, scenes):
    story = create_story(mika, "one", "two", "three")
    deleted = scenes(story)[1]

    scene_services.delete_scene(scene=deleted, by=mika)
    scene_services.delete_scene(scene=deleted, by=mika)
    assert list_prompts(story) == ["one", "three"]

    scene_services.restore_scene(scene=deleted, by=mika)
    scene_services.restore_scene(scene=deleted, by=mika)
    assert list_prompts(story) == ["one", "two", "three"]


def test_a_restored_scene_is_appended_to_a_shorter_story(mika, create_story, scenes):
    story = create_story(mika, "one", "two", "three")
    last, middle = scenes(story)[2], scenes(story)[1]
    scene_services.delete_scene(scene=last, by=mika)
    scene_services.delete_scene(scene=middle, by=mika)

    scene_services.restore_scene(scene=last, by=mika)

    assert list_prompts(story) == ["one", "three"]


def test_a_duplicated_scene_follows_the_original_with_its_cast(mika, create_story, scenes):
    story = create_story(mika, "one", "two")
    aki = mika.workspaces.get().characters.create(name="Aki", story=story)
    first = scenes(story)[0]
    SceneCharacter.objects.create(scene=first, character=aki)

    copy = scene_services.duplicate_scene(scene=first, by=mika)

    assert list_prompts(story) == ["one", "one", "two"]
    assert [character.name for character in copy.characters.all()] == ["Aki"]
    assert copy.pk != first.pk


def test_a_scene_is_split_at_the_sentence_nearest_to_the_middle(mika, create_story, scenes):
    story = create_story(mika, "She waits. The train comes. It is empty and it does not stop.", "after")
    first = scenes(story)[0]
    Scene.objects.filter(pk=first.pk).update(seconds=5, line="Wait!", speaker="Aki", join_kind="iris")

    scene_services.split_scene(scene=first, by=mika)

    assert list_prompts(story) == ["She waits. The train comes.", "It is empty and it does not stop.", "after"]
    first, second, _ = scenes(story)
    assert (first.seconds, second.seconds) == (2, 3)
    assert (first.line, second.line) == ("Wait!", "")
    assert (first.join_kind, second.join_kind) == ("cut", "iris")


def test_a_scene_is_split_at_the_chosen_position(mika, create_story, scenes):
    story = create_story(mika, "退潮时的鸟居。一只小船。")

    scene_services.split_scene(scene=scenes(story)[0], by=mika, at=7)

    assert list_prompts(story) == ["退潮时的鸟居。", "一只小船。"]


@pytest.mark.parametrize(("prompt", "at"), [("", None), ("word", None), ("two words", 0), ("two words", 9)])
def test_a_scene_without_two_halves_is_not_split(mika, create_story, scenes, prompt, at):
    story = create_story(mika, prompt)

    with pytest.raises(CannotSplit):
        scene_services.split_scene(scene=scenes(story)[0], by=mika, at=at)
    assert list_prompts(story) == [prompt]


def test_a_locked_scene_is_not_deleted_or_split_but_may_be_moved(mika, create_story, scenes):
    story = create_story(mika, "one. two.", "three")
    first = scenes(story)[0]
    scene_services.lock_scene(scene=first, by=mika, is_locked=True)

    for action in (scene_services.delete_scene, scene_services.split_scene):
        with pytest.raises(SceneLocked):
            action(scene=first, by=mika)
    scene_services.move_scene(scene=first, by=mika, to=2)

    assert list_prompts(story) == ["three", "one. two."]


def test_a_story_has_a_maximum_of_scenes(mika, create_story, settings):
    settings.SCENES_PER_STORY = 2
    story = create_story(mika, "one", "two")

    with pytest.raises(TooManyScenes):
        scene_services.add_scene(story=story, by=mika)
    assert list_prompts(story) == ["one", "two"]
