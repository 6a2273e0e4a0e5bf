"""Characters: mentions, images in requests, and marks on takes that show an earlier look."""

import html
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generation.models import Clip
from generation.providers.connections import services as connection_services
from generation.services import uploads
from generation.services.clips import create_clips
from jobs.models import Job
from studio import maintenance
from studio.characters import services as character_services
from studio.drawing.clip_request import build_spec
from studio.drawing.quote import build_quote
from studio.models import Character, CharacterPicture, Run, Scene, Take
from studio.scenes import edits
from studio.scenes import services as scene_services
from studio.scenes.mentions import find_mentions, strip_mentions
from studio.stories import services as story_services
from studio.timeline.scenes import load_scenes
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def names_in(scene):
    return {character.name for character in scene.characters.all()}


def count_queries(browser, url):
    browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


def create_final_take(scene, by):
    """Create a chosen final take of the scene."""
    spec = build_spec(load_scenes(scene.story, pk=scene.pk)[0], purpose="animatic")
    (clip,) = create_clips(spec, workspace=scene.story.workspace, by=by, idem_key=f"k{scene.pk.hex}")
    Clip.objects.filter(pk=clip.pk).update(ready_at=clip.created_at)
    Job.objects.filter(pk=clip.job_id).update(state="ready")
    take = Take.objects.create(scene=scene, clip=clip, purpose=Take.Purpose.FINAL)
    Scene.objects.filter(pk=scene.pk).update(chosen=take)
    return take


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@Aki waits", {"Aki"}),
        ("@aki waits", {"Aki"}),
        ("@Akiko waits", {"Akiko"}),
        ("(@Aki, @Ken)", {"Aki", "Ken"}),
        ("mail aki@Aki.test", set()),
        ("@小米走进来", {"小米"}),
        ("夕阳下@小米等着", {"小米"}),
        ("海辺で@小米が待つ", {"小米"}),
        ("Die Straße. @Aki", {"Aki"}),
        ("Straße @AKI, @Akiko", {"Aki", "Akiko"}),
        ("@Old Tom and @Old", {"Old Tom", "Old"}),
        ("@Nobody", set()),
        ("@ Aki", set()),
    ],
)
@pytest.mark.rows
def test_a_mention_is_found_by_name(text, found):
    assert find_mentions(text, ["Aki", "Akiko", "Ken", "小米", "Old Tom", "Old"]) == found


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("夕阳下@小米等着", "夕阳下小米等着"),
        ("海辺で@小米が待つ", "海辺で小米が待つ"),
        ("(@Aki, @Ken)", "(Aki, Ken)"),
        ("mail aki@Aki.test", "mail aki@Aki.test"),
    ],
)
def test_prompts_contain_no_at_sign_of_a_mention(text, prompt):
    assert strip_mentions(text) == prompt


def test_a_mentioned_character_joins_and_leaves_the_scene(mika, aki, scenes):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki runs")
    assert names_in(scene) == {"Aki"}

    edits.edit_scene(scene=scene, by=mika, rev=scene.rev, changes={"prompt": "A dog runs"})
    assert names_in(scene) == set()


def test_a_character_created_after_its_mention_joins_the_scene(mika, aki, create_story):
    story = aki.story
    scene = scene_services.add_scene(story=story, by=mika, prompt="@Ken waits for @Aki")
    longer = scene_services.add_scene(story=story, by=mika, prompt="@Kenji waits")
    locked = scene_services.add_scene(story=story, by=mika, prompt="@Ken sleeps")
    scene_services.lock_scene(scene=locked, by=mika, is_locked=True)
    foreign = create_story(mika, "@Ken waits").scenes.get()

    character_services.add_character(workspace=story.workspace, by=mika, story=story, name="Ken")

    assert [names_in(row) for row in (scene, longer, locked, foreign)] == [{"Aki", "Ken"}, set(), set(), set()]
    assert Run.objects.filter(story=story, shots__scene=scene, purpose="animatic").exists()


def test_a_renamed_character_joins_scenes_that_mention_it(mika, aki):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="@Akiko runs")

    character_services.change_character(character=aki, by=mika, changes={"name": "Akiko"})

    assert names_in(scene) == {"Akiko"}


def test_a_character_added_by_hand_stays_after_edits(mika, aki):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="A street", characters=[aki])
    edits.edit_scene(scene=scene, by=mika, rev=scene.rev, changes={"prompt": "A long street"})

    assert names_in(scene) == {"Aki"}


def test_a_mention_in_the_plain_form_works(browser, mika, aki):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="Somebody runs")
    browser.post(f"/stories/scenes/{scene.pk}/", {"rev": scene.rev, "prompt": "@Aki runs"})

    assert names_in(scene) == {"Aki"}


def test_names_are_separate_between_workspaces(mika, ren, aki, create_story):
    story = create_story(ren, "@Aki runs")

    assert names_in(story.scenes.get()) == set()


def test_a_shared_character_appears_in_every_story(mika, create_story):
    home = mika.workspaces.get()
    character_services.add_character(workspace=home, by=mika, name="Ken", kind="person")

    assert names_in(create_story(mika, "@Ken waits").scenes.get()) == {"Ken"}


def test_prompts_describe_characters_where_pictures_are_not_taken(mika, aki):
    story = story_services.change_story(story=aki.story, by=mika, changes={"provider": "zhipu"})
    scene = scene_services.add_scene(story=story, by=mika, prompt="@Aki runs")
    spec = build_spec(load_scenes(story, pk=scene.pk)[0], purpose="final")

    assert spec.prompt == "Aki runs. Aki: long red hair, a yukata"
    assert spec.references == ()


def test_character_pictures_go_to_providers_that_take_them(browser, mika, aki, picture_file):
    for colour in ("red", "blue"):
        browser.post(f"/stories/characters/{aki.pk}/picture/", {"picture_file": picture_file(colour), "role": "face"})
    model = "doubao-seedance-2-0-260128"
    story = story_services.change_story(story=aki.story, by=mika, changes={"provider": "ark", "model": model})
    scene = scene_services.add_scene(story=story, by=mika, prompt="@Aki runs")
    spec = build_spec(load_scenes(story, pk=scene.pk)[0], purpose="final")

    assert spec.references == tuple(row.picture for row in aki.pictures.all())
    assert len(spec.references) == 2


def test_changing_a_look_marks_takes_and_redraws_animatics(browser, mika, aki):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki runs")
    other = scene_services.add_scene(story=aki.story, by=mika, prompt="A dog runs")
    takes = create_final_take(scene, mika), create_final_take(other, mika)

    response = browser.post(
        f"/stories/characters/{aki.pk}/", {"name": "Aki", "kind": "person", "description": "short hair"}
    )

    assert response.status_code == 302
    stale, fresh = (Take.objects.get(pk=take.pk) for take in takes)
    assert (stale.stale_characters, fresh.stale_since) == ("Aki", None)
    page = browser.get(f"/stories/characters/{aki.pk}/").content.decode()
    assert "1 scene of this story shows an earlier look." in page
    assert "Cost of redrawing: free" in page
    assert "which=stale" in page
    assert "Draw 1 draft" in browser.get(f"/stories/{aki.story_id}/draw/?which=stale").content.decode()


@pytest.mark.parametrize("deleted", ["scene", "story"])
def test_takes_in_the_trash_are_marked_as_outdated_too(browser, mika, aki, picture_file, deleted):
    """Images are not part of the prompt, so only the mark shows that a take has an earlier look."""
    Character.objects.filter(pk=aki.pk).update(story=None)  # of the whole workspace
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki runs")
    take = create_final_take(scene, mika)
    row = scene if deleted == "scene" else aki.story
    names = ("delete_scene", "restore_scene") if deleted == "scene" else ("delete", "restore")
    delete_url, restore_url = (reverse(f"studio:{name}", args=[row.pk]) for name in names)

    browser.post(delete_url)
    browser.post(f"/stories/characters/{aki.pk}/picture/", {"picture_file": picture_file(), "role": "face"})
    was_redrawn = Run.objects.filter(shots__scene=scene).exists()
    browser.post(restore_url)

    take.refresh_from_db()
    assert (take.stale_characters, was_redrawn) == ("Aki", False)
    assert "1 scene of this story shows an earlier look." in browser.get(f"/stories/characters/{aki.pk}/").text


def test_saving_without_a_change_marks_nothing(browser, mika, aki):
    take = create_final_take(scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki runs"), mika)
    browser.post(f"/stories/characters/{aki.pk}/", {"name": "Aki", "kind": "person", "description": aki.description})

    assert Take.objects.get(pk=take.pk).stale_since is None


def test_concurrent_character_edits_are_reported_without_loss(browser, aki):
    data = {"name": "Aki", "kind": "person", "was_name": "Aki", "was_kind": "person"}
    browser.post(f"/stories/characters/{aki.pk}/", data | {"description": "first", "was_description": aki.description})
    response = browser.post(
        f"/stories/characters/{aki.pk}/", data | {"description": "second", "was_description": aki.description}
    )

    assert response.status_code == 409
    assert "you wrote “second”" in response.content.decode()
    aki.refresh_from_db()
    assert aki.description == "first"


def read_form(page):
    """Return the values of the form with ``was_…`` fields on a page."""
    (form,) = (form for form in re.findall(r"<form.*?</form>", page, re.S) if 'name="was_' in form)
    data = {name: html.unescape(value) for name, value in re.findall(r'name="(was_\w+)" value="([^"]*)"', form)}
    fields = re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', form)
    data |= {name: html.unescape(value) for name, value in fields}
    areas = re.findall(r'<textarea[^>]* ?name="(\w+)"[^>]*>\n?(.*?)</textarea>', form, re.S)
    data |= {name: html.unescape(value) for name, value in areas}
    for name, options in re.findall(r'<select[^>]* ?name="(\w+)"[^>]*>(.*?)</select>', form, re.S):
        data[name] = re.search(r'value="([^"]*)" selected', options)[1]
    return data


def test_saving_after_a_conflict_writes_only_the_typed_fields(browser, mika, aki):
    url = f"/stories/characters/{aki.pk}/"
    seen = read_form(browser.get(url).content.decode())
    character_services.change_character(
        character=aki, by=mika, changes={"description": "first", "colours": ["#c92c18"]}
    )

    response = browser.post(url, seen | {"description": "second", "sheet": "chibi"})
    second = browser.post(url, read_form(response.content.decode()))

    assert (response.status_code, second.status_code) == (409, 302)
    aki.refresh_from_db()
    assert (aki.description, aki.sheet, aki.colours) == ("second", "chibi", ["#c92c18"])


def test_a_corrected_form_keeps_what_was_typed(browser, mika, aki):
    url = f"/stories/characters/{aki.pk}/"
    seen = read_form(browser.get(url).content.decode())
    character_services.change_character(character=aki, by=mika, changes={"sheet": "chibi"})

    response = browser.post(url, seen | {"description": "second", "colours": "red"})
    second = browser.post(url, read_form(response.content.decode()) | {"colours": ""})

    assert (response.status_code, second.status_code) == (422, 302)
    aki.refresh_from_db()
    assert (aki.description, aki.sheet) == ("second", "chibi")


def test_a_character_is_created_with_colours(browser, aki):
    data = {"name": " @Ken  Mori ", "kind": "person", "colours": "c92c18, #1D58BD"}
    response = browser.post(f"/stories/{aki.story_id}/characters/", data)

    ken = Character.objects.get(name="Ken Mori")
    assert response.url == f"/stories/characters/{ken.pk}/"
    assert ken.colours == ["#c92c18", "#1d58bd"]
    assert "Ken Mori" in browser.get(f"/stories/{aki.story_id}/characters/").content.decode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"name": ""}, "required"),
        ({"name": "@"}, "A name must begin with"),
        ({"name": "A", "colours": "red"}, "Write a colour as"),
        ({"name": "A", "colours": "#111111 #222222 #333333 #444444 #555555 #666666 #777777"}, "At most six"),
        ({"name": "A", "kind": "dragon"}, "Select a valid choice"),
        ({"name": "x" * 81}, "at most 80"),
    ],
)
def test_an_invalid_character_gets_a_reason(browser, aki, data, message):
    response = browser.post(f"/stories/{aki.story_id}/characters/", {"kind": "person"} | data)

    assert response.status_code == 422
    assert message in response.content.decode()
    assert Character.objects.count() == 1


def test_pictures_are_added_with_a_role_and_removed(browser, aki, picture_file):
    url = f"/stories/characters/{aki.pk}/picture/"
    browser.post(url, {"picture_file": picture_file(), "role": "face"})
    browser.post(url, {"picture_file": picture_file(), "role": "outfit"})

    row = CharacterPicture.objects.get()
    assert row.role == "outfit"
    browser.post(url, {"remove": str(row.pk)})
    assert not CharacterPicture.objects.exists()


@pytest.mark.parametrize("owner_name", ["of the same story", "of another story", "of another user"])
def test_a_picture_of_another_character_cannot_be_removed(browser, mika, aki, create_story, picture_file, owner_name):

    owner = UserFactory(email="stranger@example.test") if owner_name == "of another user" else mika
    story = aki.story if owner_name == "of the same story" else create_story(owner)
    other = Character.objects.create(workspace=story.workspace, story=story, created_by=owner, name="Rei")
    picture = uploads.save_picture(picture_file(), workspace=story.workspace, by=owner)
    character_services.add_character_picture(character=other, picture=picture, role="face", by=owner)
    browser.post(f"/stories/characters/{aki.pk}/picture/", {"picture_file": picture_file("blue"), "role": "face"})
    row, before = other.pictures.get(), list(Character.objects.order_by("pk").values())

    browser.post(f"/stories/characters/{aki.pk}/picture/", {"remove": str(row.pk)})
    if owner_name == "of another user":
        refused = browser.post(f"/stories/characters/{other.pk}/picture/", {"remove": str(row.pk)})
        assert refused.status_code == 404

    assert other.pictures.get() == row and aki.pictures.count() == 1
    assert list(Character.objects.order_by("pk").values()) == before


def test_invalid_and_excess_pictures_are_refused(browser, aki, picture_file):
    from django.core.files.uploadedfile import SimpleUploadedFile

    url = f"/stories/characters/{aki.pk}/picture/"
    bad = browser.post(url, {"picture_file": SimpleUploadedFile("a.png", b"no picture at all"), "role": "outfit"})
    assert bad.status_code == 415 and '<option value="outfit" selected>' in bad.content.decode()
    assert "can’t read this file as an image" in bad.content.decode()
    for n in range(8):
        browser.post(url, {"picture_file": picture_file((n * 20, 10, 10)), "role": "face"})
    ninth = browser.post(url, {"picture_file": picture_file("white"), "role": "face"})

    assert ninth.status_code == 409
    assert aki.pictures.count() == 8


def test_a_deleted_character_can_be_restored(browser, mika, aki):
    story_services.change_story(story=aki.story, by=mika, changes={"provider": "zhipu"})
    aki.story.refresh_from_db()
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki runs")
    response = browser.post(f"/stories/characters/{aki.pk}/delete/", follow=True)

    assert f"/stories/characters/{aki.pk}/restore/" in response.content.decode()
    assert build_spec(load_scenes(aki.story, pk=scene.pk)[0], purpose="final").prompt == "Aki runs"
    browser.post(f"/stories/characters/{aki.pk}/restore/")
    assert "long red hair" in build_spec(load_scenes(aki.story, pk=scene.pk)[0], purpose="final").prompt


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "htmx"])
def test_a_character_is_added_to_and_removed_from_a_scene(browser, mika, aki, headers):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="A street")
    url = f"/stories/scenes/{scene.pk}/cast/"

    assert browser.post(url, {"character": aki.pk}, headers=headers).status_code in (200, 302)
    assert names_in(scene) == {"Aki"}
    browser.post(url, {"character": aki.pk, "out": "1"}, headers=headers)
    assert names_in(scene) == set()


def test_a_foreign_or_malformed_character_cannot_be_added(browser, mika, ren, aki):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="A street")
    foreign = character_services.add_character(workspace=ren.workspaces.get(), by=ren, name="Spy")
    url = f"/stories/scenes/{scene.pk}/cast/"

    assert browser.post(url, {"character": foreign.pk}).status_code == 404
    assert browser.post(url, {"character": "1"}).status_code == 404
    assert names_in(scene) == set()


def test_a_locked_scene_keeps_its_cast(browser, mika, aki):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="A street")
    scene_services.lock_scene(scene=scene, by=mika, is_locked=True)
    browser.post(f"/stories/scenes/{scene.pk}/cast/", {"character": aki.pk})

    assert names_in(scene) == set()


def test_the_list_needs_no_query_per_character(browser, mika, create_story):
    story = create_story(mika)
    url = f"/stories/{story.pk}/characters/"

    def count(total):
        for n in range(Character.objects.count(), total):
            character_services.add_character(workspace=story.workspace, by=mika, story=story, name=f"N{n}")
        return count_queries(browser, url)

    assert count(2) == count(12)


def test_a_character_page_needs_no_query_per_scene(browser, mika, aki):
    def count(total):
        for n in range(aki.scenes.count(), total):
            create_final_take(scene_services.add_scene(story=aki.story, by=mika, prompt=f"@Aki runs {n}"), mika)
        character_services.change_character(character=aki, by=mika, changes={"description": f"{total} hairs"})
        return count_queries(browser, f"/stories/characters/{aki.pk}/")

    assert count(2) == count(9)


def test_a_paid_refresh_prices_each_change_and_buys_a_scene_once(browser, mika, aki):
    connection_services.add_connection(
        by=mika, provider="ark", label="Mine", owner=mika, secret={"keys": {"api_key": "x" * 20}}
    )
    story_services.change_story(
        story=aki.story, by=mika, changes={"provider": "ark", "model": "dreamina-seedance-2-0-260128"}
    )
    aki.story.refresh_from_db()
    ken, moe = (
        character_services.add_character(workspace=aki.workspace, by=mika, story=aki.story, name=name, kind="person")
        for name in ("Ken", "Moe")
    )
    for prompt in ("@Aki runs from @Ken and @Moe", "@Ken rests"):
        create_final_take(scene_services.add_scene(story=aki.story, by=mika, prompt=prompt, seconds=5), mika)
    for character in (aki, ken):
        character_services.change_character(character=character, by=mika, changes={"description": "short hair"})

    def read_price(character):
        text = browser.get(f"/stories/characters/{character.pk}/").content.decode()
        found = re.search(
            r"(\d) scenes? of this story shows? an earlier look.*?Cost of redrawing: \$([0-9.]+[0-9])", text, re.S
        )
        return found and (int(found[1]), float(found[2]))

    (one_scene, price), (two_scenes, higher_price) = read_price(aki), read_price(ken)
    assert (one_scene, two_scenes) == (1, 2) and higher_price == pytest.approx(2 * price) and price
    assert read_price(moe) is None, "Moe's look has not changed"
    assert "Aki, Ken changed" in browser.get(aki.story.get_absolute_url()).content.decode()
    aki.refresh_from_db()
    quote = build_quote(aki.story, by=mika, which="stale", mode=aki.story.mode)
    assert len(quote.shots) == 2 and quote.totals["USD"] == round(higher_price * 1_000_000)


def test_characters_are_exported_and_erased_with_their_user(mika, aki):
    export = maintenance.collect_personal_data(mika)

    assert export["characters"][0]["description"] == "long red hair, a yukata"
    json.dumps(export, default=str)
    maintenance.erase_personal_data(mika)
    assert not Character.objects.exists()


def test_markup_in_a_description_is_only_text(browser, aki):
    Character.objects.filter(pk=aki.pk).update(description="<script>alert(1)</script>", name="<b>Aki</b>")

    for page in (f"/stories/characters/{aki.pk}/", f"/stories/{aki.story_id}/characters/"):
        text = browser.get(page).content.decode()
        assert "<script>alert" not in text
        assert "<b>Aki" not in text


def test_a_characters_page_prices_only_the_scenes_it_appears_in(browser, mika, aki):
    ken = character_services.add_character(workspace=aki.workspace, by=mika, story=aki.story, name="Ken", kind="person")
    for prompt in ("@Aki runs", "@Ken sits", "@Ken sleeps"):
        create_final_take(scene_services.add_scene(story=aki.story, by=mika, prompt=prompt), mika)
    for character in (aki, ken):
        character_services.change_character(character=character, by=mika, changes={"description": "short hair"})

    pages = [browser.get(f"/stories/characters/{character.pk}/").content.decode() for character in (aki, ken)]
    (url,) = re.findall(r'href="([^"]*which=stale[^"]*)"', pages[0])
    quote = browser.get(url.replace("&amp;", "&")).content.decode()

    assert "1 scene of this story shows an earlier look." in pages[0]
    assert "2 scenes of this story show an earlier look." in pages[1]
    assert "Draw 1 draft" in quote and "@Aki runs" in quote and "@Ken" not in quote


def test_only_scenes_with_an_earlier_look_are_redrawn(browser, mika, aki):
    rows = [scene_services.add_scene(story=aki.story, by=mika, prompt=f"@{name} runs") for name in ("Aki", "Ken")]
    for scene in rows:
        create_final_take(scene, mika)
    character_services.change_character(character=aki, by=mika, changes={"description": "short hair"})
    query = {"which": "stale", "character": aki.pk}
    quote = browser.get(f"/stories/{aki.story_id}/draw/", query).content.decode()
    agreed = re.search(r'name="agreed" value="([^"]*)"', quote)[1]

    response = browser.post(f"/stories/{aki.story_id}/draw/", {**query, "agreed": agreed, "mode": "fast"})

    assert response.status_code == 302
    run = Run.objects.get(purpose="final")
    assert [shot.scene for shot in run.shots.all()] == rows[:1]
    assert f'name="character" value="{aki.pk}"' in quote
