"""Characters: mentions, pictures in requests, and marks on takes of an earlier look."""

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
from studio.drawing.prompt import strip_mentions
from studio.drawing.quote import build_quote, load_scenes
from studio.models import Character, CharacterPicture, Run, Scene, Take
from studio.scenes import edits
from studio.scenes import services as scene_services
from studio.scenes.mentions import find_mentions
from studio.stories import services as story_services
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def cast_of(scene):
    return {each.name for each in scene.characters.all()}


def queries_of(browser, url):
    browser.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)


def final_take(scene, by):
    """Create a chosen final take of the scene."""
    spec = build_spec(load_scenes(scene.story, pk=scene.pk)[0], purpose="animatic")
    (clip,) = create_clips(spec, workspace=scene.story.workspace, by=by, idem_key=f"k{scene.pk.hex}")
    Clip.objects.filter(pk=clip.pk).update(ready_at=clip.created_at)
    Job.objects.filter(pk=clip.job_id).update(state="ready")
    take = Take.objects.create(scene=scene, clip=clip, purpose=Take.Purpose.FINAL)
    Scene.objects.filter(pk=scene.pk).update(chosen=take)
    return take


@pytest.mark.parametrize(
    ("words", "found"),
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
def test_a_mention_is_found_by_name(words, found):
    assert find_mentions(words, ["Aki", "Akiko", "Ken", "小米", "Old Tom", "Old"]) == found


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("夕阳下@小米等着", "夕阳下小米等着"),
        ("海辺で@小米が待つ", "海辺で小米が待つ"),
        ("(@Aki, @Ken)", "(Aki, Ken)"),
        ("mail aki@Aki.test", "mail aki@Aki.test"),
    ],
)
def test_prompts_contain_no_at_sign_of_a_mention(words, told):
    assert strip_mentions(words) == told


def test_a_mentioned_character_joins_and_leaves_the_scene(mika, aki, scenes):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki runs")
    assert cast_of(scene) == {"Aki"}

    edits.edit_scene(scene=scene, by=mika, rev=scene.rev, changes={"prompt": "A dog runs"})
    assert cast_of(scene) == set()


def test_a_character_created_after_its_mention_joins_the_scene(mika, aki, create_story):
    story = aki.story
    scene = scene_services.add_scene(story=story, by=mika, prompt="@Ken waits for @Aki")
    longer = scene_services.add_scene(story=story, by=mika, prompt="@Kenji waits")
    locked = scene_services.add_scene(story=story, by=mika, prompt="@Ken sleeps")
    scene_services.lock_scene(scene=locked, by=mika, is_locked=True)
    elsewhere = create_story(mika, "@Ken waits").scenes.get()

    character_services.add_character(workspace=story.workspace, by=mika, story=story, name="Ken")

    assert [cast_of(each) for each in (scene, longer, locked, elsewhere)] == [{"Aki", "Ken"}, set(), set(), set()]
    assert Run.objects.filter(story=story, shots__scene=scene, purpose="animatic").exists()


def test_a_renamed_character_joins_scenes_that_mention_it(mika, aki):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="@Akiko runs")

    character_services.change_character(character=aki, by=mika, changes={"name": "Akiko"})

    assert cast_of(scene) == {"Akiko"}


def test_a_character_added_by_hand_stays_after_edits(mika, aki):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="A street", characters=[aki])
    edits.edit_scene(scene=scene, by=mika, rev=scene.rev, changes={"prompt": "A long street"})

    assert cast_of(scene) == {"Aki"}


def test_a_mention_in_the_plain_form_works(browser, mika, aki):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="Somebody runs")
    browser.post(f"/stories/scenes/{scene.pk}/", {"rev": scene.rev, "prompt": "@Aki runs"})

    assert cast_of(scene) == {"Aki"}


def test_names_are_separate_between_workspaces(mika, ren, aki, create_story):
    story = create_story(ren, "@Aki runs")

    assert cast_of(story.scenes.get()) == set()


def test_a_shared_character_appears_in_every_story(mika, create_story):
    home = mika.workspaces.get()
    character_services.add_character(workspace=home, by=mika, name="Ken", kind="person")

    assert cast_of(create_story(mika, "@Ken waits").scenes.get()) == {"Ken"}


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

    assert spec.references == tuple(each.picture for each in aki.pictures.all())
    assert len(spec.references) == 2


def test_changing_a_look_marks_takes_and_redraws_animatics(browser, mika, aki):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki runs")
    other = scene_services.add_scene(story=aki.story, by=mika, prompt="A dog runs")
    takes = final_take(scene, mika), final_take(other, mika)

    answer = browser.post(
        f"/stories/characters/{aki.pk}/", {"name": "Aki", "kind": "person", "description": "short hair"}
    )

    assert answer.status_code == 302
    stale, fresh = (Take.objects.get(pk=take.pk) for take in takes)
    assert (stale.stale_characters, fresh.stale_since) == ("Aki", None)
    page = browser.get(f"/stories/characters/{aki.pk}/").content.decode()
    assert "1 scene of this story shows an earlier look." in page
    assert "Cost of redrawing: free" in page
    assert "which=stale" in page
    assert "1 scene" in browser.get(f"/stories/{aki.story_id}/draw/?which=stale").content.decode()


@pytest.mark.parametrize("what", ["scene", "story"])
def test_takes_in_the_trash_are_marked_as_outdated_too(browser, mika, aki, picture_file, what):
    """Pictures are not part of the prompt: only the mark shows that a take has an earlier look."""
    Character.objects.filter(pk=aki.pk).update(story=None)  # of the whole workspace
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki runs")
    take = final_take(scene, mika)
    row = scene if what == "scene" else aki.story
    names = ("delete_scene", "restore_scene") if what == "scene" else ("delete", "restore")
    away, back = (reverse(f"studio:{name}", args=[row.pk]) for name in names)

    browser.post(away)
    browser.post(f"/stories/characters/{aki.pk}/picture/", {"picture_file": picture_file(), "role": "face"})
    drawn = Run.objects.filter(shots__scene=scene).exists()
    browser.post(back)

    take.refresh_from_db()
    assert (take.stale_characters, drawn) == ("Aki", False)
    assert "1 scene of this story shows an earlier look." in browser.get(f"/stories/characters/{aki.pk}/").text


def test_saving_without_a_change_marks_nothing(browser, mika, aki):
    take = final_take(scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki runs"), mika)
    browser.post(f"/stories/characters/{aki.pk}/", {"name": "Aki", "kind": "person", "description": aki.description})

    assert Take.objects.get(pk=take.pk).stale_since is None


def test_concurrent_character_edits_are_reported_without_loss(browser, aki):
    clip_bytes = {"name": "Aki", "kind": "person", "was_name": "Aki", "was_kind": "person"}
    browser.post(
        f"/stories/characters/{aki.pk}/", clip_bytes | {"description": "first", "was_description": aki.description}
    )
    answer = browser.post(
        f"/stories/characters/{aki.pk}/", clip_bytes | {"description": "second", "was_description": aki.description}
    )

    assert answer.status_code == 409
    assert "you wrote “second”" in answer.content.decode()
    aki.refresh_from_db()
    assert aki.description == "first"


def form_on(page):
    """Return what a browser would send of the form with ``was_…`` fields on a page."""
    (form,) = (form for form in re.findall(r"<form.*?</form>", page, re.S) if 'name="was_' in form)
    clip_bytes = {name: html.unescape(value) for name, value in re.findall(r'name="(was_\w+)" value="([^"]*)"', form)}
    fields = re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', form)
    clip_bytes |= {name: html.unescape(value) for name, value in fields}
    areas = re.findall(r'<textarea[^>]* ?name="(\w+)"[^>]*>\n?(.*?)</textarea>', form, re.S)
    clip_bytes |= {name: html.unescape(value) for name, value in areas}
    for name, options in re.findall(r'<select[^>]* ?name="(\w+)"[^>]*>(.*?)</select>', form, re.S):
        clip_bytes[name] = re.search(r'value="([^"]*)" selected', options)[1]
    return clip_bytes


def test_saving_after_a_conflict_writes_only_the_typed_fields(browser, mika, aki):
    url = f"/stories/characters/{aki.pk}/"
    seen = form_on(browser.get(url).content.decode())
    shared_story = {"description": "first", "colours": ["#c92c18"]}
    character_services.change_character(character=aki, by=mika, changes=shared_story)

    answer = browser.post(url, seen | {"description": "second", "sheet": "chibi"})
    again = browser.post(url, form_on(answer.content.decode()))

    assert (answer.status_code, again.status_code) == (409, 302)
    aki.refresh_from_db()
    assert (aki.description, aki.sheet, aki.colours) == ("second", "chibi", ["#c92c18"])


def test_a_corrected_form_keeps_what_was_typed(browser, mika, aki):
    url = f"/stories/characters/{aki.pk}/"
    seen = form_on(browser.get(url).content.decode())
    character_services.change_character(character=aki, by=mika, changes={"sheet": "chibi"})

    answer = browser.post(url, seen | {"description": "second", "colours": "red"})
    again = browser.post(url, form_on(answer.content.decode()) | {"colours": ""})

    assert (answer.status_code, again.status_code) == (422, 302)
    aki.refresh_from_db()
    assert (aki.description, aki.sheet) == ("second", "chibi")


def test_a_character_is_created_with_colours(browser, aki):
    clip_bytes = {"name": " @Ken  Mori ", "kind": "person", "colours": "c92c18, #1D58BD"}
    answer = browser.post(f"/stories/{aki.story_id}/characters/", clip_bytes)

    ken = Character.objects.get(name="Ken Mori")
    assert answer.url == f"/stories/characters/{ken.pk}/"
    assert ken.colours == ["#c92c18", "#1d58bd"]
    assert "Ken Mori" in browser.get(f"/stories/{aki.story_id}/characters/").content.decode()


@pytest.mark.parametrize(
    ("clip_bytes", "words"),
    [
        ({"name": ""}, "required"),
        ({"name": "@"}, "A name must begin with"),
        ({"name": "A", "colours": "red"}, "Write a colour as"),
        ({"name": "A", "colours": "#111111 #222222 #333333 #444444 #555555 #666666 #777777"}, "At most six"),
        ({"name": "A", "kind": "dragon"}, "Select a valid choice"),
        ({"name": "x" * 81}, "at most 80"),
    ],
)
def test_an_invalid_character_gets_a_reason(browser, aki, clip_bytes, words):
    answer = browser.post(f"/stories/{aki.story_id}/characters/", {"kind": "person"} | clip_bytes)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Character.objects.count() == 1


def test_pictures_are_added_with_a_role_and_removed(browser, aki, picture_file):
    url = f"/stories/characters/{aki.pk}/picture/"
    browser.post(url, {"picture_file": picture_file(), "role": "face"})
    browser.post(url, {"picture_file": picture_file(), "role": "outfit"})

    row = CharacterPicture.objects.get()
    assert row.role == "outfit"
    browser.post(url, {"remove": str(row.pk)})
    assert not CharacterPicture.objects.exists()


@pytest.mark.parametrize("whose", ["of the same story", "of another story", "of somebody else"])
def test_a_picture_of_another_character_cannot_be_removed(browser, mika, aki, create_story, picture_file, whose):
    """The id of a foreign row removes no picture and marks no take."""
    owner = UserFactory(email="stranger@example.test") if whose == "of somebody else" else mika
    story = aki.story if whose == "of the same story" else create_story(owner)
    other = Character.objects.create(workspace=story.workspace, story=story, created_by=owner, name="Rei")
    picture = uploads.save_picture(picture_file(), workspace=story.workspace, by=owner)
    character_services.add_character_picture(character=other, picture=picture, role="face", by=owner)
    browser.post(f"/stories/characters/{aki.pk}/picture/", {"picture_file": picture_file("blue"), "role": "face"})
    row, before = other.pictures.get(), list(Character.objects.order_by("pk").values())

    browser.post(f"/stories/characters/{aki.pk}/picture/", {"remove": str(row.pk)})
    if whose == "of somebody else":
        refused = browser.post(f"/stories/characters/{other.pk}/picture/", {"remove": str(row.pk)})
        assert refused.status_code == 404

    assert other.pictures.get() == row and aki.pictures.count() == 1
    assert list(Character.objects.order_by("pk").values()) == before


def test_invalid_and_excess_pictures_are_refused(browser, aki, picture_file):
    from django.core.files.uploadedfile import SimpleUploadedFile

    url = f"/stories/characters/{aki.pk}/picture/"
    bad = browser.post(url, {"picture_file": SimpleUploadedFile("a.png", b"no picture at all"), "role": "outfit"})
    assert bad.status_code == 415 and '<option value="outfit" selected>' in bad.content.decode()
    assert "not a JPEG, PNG or WebP" in bad.content.decode()
    for n in range(8):
        browser.post(url, {"picture_file": picture_file((n * 20, 10, 10)), "role": "face"})
    ninth = browser.post(url, {"picture_file": picture_file("white"), "role": "face"})

    assert ninth.status_code == 409
    assert aki.pictures.count() == 8


def test_a_deleted_character_can_be_restored(browser, mika, aki):
    story_services.change_story(story=aki.story, by=mika, changes={"provider": "zhipu"})
    aki.story.refresh_from_db()
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki runs")
    answer = browser.post(f"/stories/characters/{aki.pk}/delete/", follow=True)

    assert f"/stories/characters/{aki.pk}/restore/" in answer.content.decode()
    assert build_spec(load_scenes(aki.story, pk=scene.pk)[0], purpose="final").prompt == "Aki runs"
    browser.post(f"/stories/characters/{aki.pk}/restore/")
    assert "long red hair" in build_spec(load_scenes(aki.story, pk=scene.pk)[0], purpose="final").prompt


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "htmx"])
def test_a_character_is_added_to_and_removed_from_a_scene(browser, mika, aki, headers):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="A street")
    url = f"/stories/scenes/{scene.pk}/cast/"

    assert browser.post(url, {"character": aki.pk}, headers=headers).status_code in (200, 302)
    assert cast_of(scene) == {"Aki"}
    browser.post(url, {"character": aki.pk, "out": "1"}, headers=headers)
    assert cast_of(scene) == set()


def test_a_foreign_or_malformed_character_cannot_be_added(browser, mika, ren, aki):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="A street")
    elsewhere = character_services.add_character(workspace=ren.workspaces.get(), by=ren, name="Spy")
    url = f"/stories/scenes/{scene.pk}/cast/"

    assert browser.post(url, {"character": elsewhere.pk}).status_code == 404
    assert browser.post(url, {"character": "1"}).status_code == 404
    assert cast_of(scene) == set()


def test_a_locked_scene_keeps_its_cast(browser, mika, aki):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="A street")
    scene_services.lock_scene(scene=scene, by=mika, is_locked=True)
    browser.post(f"/stories/scenes/{scene.pk}/cast/", {"character": aki.pk})

    assert cast_of(scene) == set()


def test_the_list_needs_no_query_per_character(browser, mika, create_story):
    story = create_story(mika)
    url = f"/stories/{story.pk}/characters/"

    def count(most):
        for n in range(Character.objects.count(), most):
            character_services.add_character(workspace=story.workspace, by=mika, story=story, name=f"N{n}")
        return queries_of(browser, url)

    assert count(2) == count(12)


def test_a_character_page_needs_no_query_per_scene(browser, mika, aki):
    def count(most):
        for n in range(aki.scenes.count(), most):
            final_take(scene_services.add_scene(story=aki.story, by=mika, prompt=f"@Aki runs {n}"), mika)
        character_services.change_character(character=aki, by=mika, changes={"description": f"{most} hairs"})
        return queries_of(browser, f"/stories/characters/{aki.pk}/")

    assert count(2) == count(9)


def test_a_paid_refresh_prices_each_change_and_buys_a_scene_once(browser, mika, aki):
    connection_services.add(by=mika, provider="ark", label="Mine", owner=mika, secret={"keys": {"api_key": "x" * 20}})
    story_services.change_story(
        story=aki.story, by=mika, changes={"provider": "ark", "model": "doubao-seedance-2-0-260128"}
    )
    aki.story.refresh_from_db()
    ken, moe = (
        character_services.add_character(workspace=aki.workspace, by=mika, story=aki.story, name=name, kind="person")
        for name in ("Ken", "Moe")
    )
    for words in ("@Aki runs from @Ken and @Moe", "@Ken rests"):
        final_take(scene_services.add_scene(story=aki.story, by=mika, prompt=words, seconds=5), mika)
    for who in (aki, ken):
        character_services.change_character(character=who, by=mika, changes={"description": "short hair"})

    def told(who):
        text = browser.get(f"/stories/characters/{who.pk}/").content.decode()
        found = re.search(
            r"(\d) scenes? of this story shows? an earlier look.*?Cost of redrawing: \$([0-9.]+[0-9])", text, re.S
        )
        return found and (int(found[1]), float(found[2]))

    (one, price), (both, dearer) = told(aki), told(ken)
    assert (one, both) == (1, 2) and dearer == pytest.approx(2 * price) and price
    assert told(moe) is None, "Moe looks as before"
    assert "Aki, Ken changed" in browser.get(aki.story.get_absolute_url()).content.decode()
    aki.refresh_from_db()
    whole = build_quote(aki.story, by=mika, which="stale", mode=aki.story.mode)
    assert len(whole.shots) == 2 and whole.totals["USD"] == round(dearer * 1_000_000)


def test_characters_are_exported_and_erased_with_their_user(mika, aki):
    kept = maintenance.collect(mika)

    assert kept["characters"][0]["description"] == "long red hair, a yukata"
    json.dumps(kept, default=str)
    maintenance.erase(mika)
    assert not Character.objects.exists()


def test_strangers_and_viewers_change_nothing(sign_in, ren, aki, mika):
    from accounts.models import Membership

    viewer = UserFactory(email="looks@example.test")
    Membership.objects.create(user=viewer, workspace=aki.workspace, role="viewer")
    url = f"/stories/characters/{aki.pk}/"

    assert sign_in(ren).get(url).status_code == 404
    assert sign_in(viewer).get(url).status_code == 200
    assert sign_in(viewer).post(url, {"name": "Evil", "kind": "person"}).status_code == 403
    assert sign_in(ren).post(url, {"name": "Evil", "kind": "person"}).status_code == 404
    assert Character.objects.get().name == "Aki"


def test_markup_in_a_description_is_only_text(browser, aki):
    Character.objects.filter(pk=aki.pk).update(description="<script>alert(1)</script>", name="<b>Aki</b>")

    for page in (f"/stories/characters/{aki.pk}/", f"/stories/{aki.story_id}/characters/"):
        text = browser.get(page).content.decode()
        assert "<script>alert" not in text
        assert "<b>Aki" not in text


def test_a_characters_page_prices_only_the_scenes_it_appears_in(browser, mika, aki):
    ken = character_services.add_character(workspace=aki.workspace, by=mika, story=aki.story, name="Ken", kind="person")
    for words in ("@Aki runs", "@Ken sits", "@Ken sleeps"):
        final_take(scene_services.add_scene(story=aki.story, by=mika, prompt=words), mika)
    for who in (aki, ken):
        character_services.change_character(character=who, by=mika, changes={"description": "short hair"})

    pages = [browser.get(f"/stories/characters/{who.pk}/").content.decode() for who in (aki, ken)]
    (sheet,) = re.findall(r'href="([^"]*which=stale[^"]*)"', pages[0])
    drawn = browser.get(sheet.replace("&amp;", "&")).content.decode()

    assert "1 scene of this story shows an earlier look." in pages[0]
    assert "2 scenes of this story show an earlier look." in pages[1]
    assert "Draw 1 scene" in drawn and "@Aki runs" in drawn and "@Ken" not in drawn


def test_only_scenes_with_an_earlier_look_are_redrawn(browser, mika, aki):
    rows = [scene_services.add_scene(story=aki.story, by=mika, prompt=f"@{who} runs") for who in ("Aki", "Ken")]
    for scene in rows:
        final_take(scene, mika)
    character_services.change_character(character=aki, by=mika, changes={"description": "short hair"})
    wish = {"which": "stale", "character": aki.pk}
    sheet = browser.get(f"/stories/{aki.story_id}/draw/", wish).content.decode()
    agreed = re.search(r'name="agreed" value="([^"]*)"', sheet)[1]

    answer = browser.post(f"/stories/{aki.story_id}/draw/", {**wish, "agreed": agreed, "mode": "fast"})

    assert answer.status_code == 302
    run = Run.objects.get(purpose="final")
    assert [shot.scene for shot in run.shots.all()] == rows[:1]
    assert f'name="character" value="{aki.pk}"' in sheet


def test_the_quote_of_a_foreign_character_is_not_found(browser, ren, aki):
    stranger = Character.objects.create(workspace=ren.workspaces.get(), name="Stranger")

    assert browser.get(f"/stories/{aki.story_id}/draw/?which=stale&character={stranger.pk}").status_code == 404
