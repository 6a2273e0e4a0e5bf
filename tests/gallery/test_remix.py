"""Remixes: what is offered and why not, what is recorded, the lineage of a work, and licences."""

import uuid

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.urls import reverse
from PIL import Image

from gallery.models import Remix, RemixFrame, Work
from gallery.publishing.services import withdraw_work
from gallery.remix.menu import build_menu
from gallery.works.licences import allowed_licences
from gallery.works.lineage import record_lineage
from gallery.works.origin import Origin, read_origin, record_remix, sign_origin
from generation.media.frame import read_frame
from generation.models import Clip, ClipFile
from jobs.lifecycle import engine
from jobs.models import Job
from studio.models import Scene, Story
from tests.studio.render.clips import make_mezzanine, numbered_frames

OPEN = {"shows_prompt": True, "allows_remix": True, "licence": "by"}


@pytest.fixture
def work(public_gallery, mika, create_clip, publish):
    """A public clip of Mika's with its prompt, that others may remix under CC BY."""
    return publish(create_clip(mika, style="watercolour", ratio="4:3"), **OPEN)


@pytest.fixture
def reader(ren, sign_in):
    return sign_in(ren)


def home_of(user):
    return user.workspaces.get(home_of=user)


def build_form(**values):
    return {"prompt": "a boy waits for a train", "provider": "animatic", "idem_key": uuid.uuid4().hex} | values


def read_reasons(user, work):
    menu = build_menu(user, Work.objects.select_related("clip", "film").get(pk=work.pk))
    return {choice.how: choice.reason for choice in menu.choices}


def test_menu_says_why_something_is_not_offered(work, mika, ren, create_clip, create_film, publish):
    assert set(read_reasons(ren, work).values()) == {""}
    hidden = publish(create_clip(mika), allows_remix=True)
    assert "prompt" in read_reasons(ren, hidden)["words"] and not read_reasons(ren, hidden)["first_frame"]
    closed = publish(create_clip(mika))
    assert all("does not allow" in reason for reason in read_reasons(ren, closed).values())
    assert not read_reasons(mika, closed)["first_frame"], "authors may remix their own works"
    film = read_reasons(ren, publish(create_film(mika), allows_remix=True))
    assert not film["scene"] and "prompt" in film["template"]


def test_remix_of_a_closed_work_is_refused_and_visitors_sign_up_first(work, reader, client, mika, create_clip, publish):
    closed = publish(create_clip(mika))
    for how in ("words", "first_frame", "last_frame", "scene", "template"):
        assert reader.post(reverse("gallery:remix", args=[closed.code]), {"how": how}).status_code == 403, how
    assert reader.post(reverse("gallery:remix", args=[work.code]), {"how": "steal"}).status_code == 404
    assert not RemixFrame.objects.exists() and not Job.objects.filter(kind="remix_frame").exists()

    page = client.get(work.get_absolute_url()).content.decode()
    assert f"{reverse('account_signup')}?next=/w/{work.code}/remix/" in page and "remix-menu" not in page


def test_words_fill_create_and_the_clip_is_recorded_with_its_request(work, reader, ren):
    page = reader.post(reverse("gallery:remix", args=[work.code]), {"how": "words"}, follow=True)

    html = page.content.decode()
    assert "a girl waits for a train" in html and "Remix of" in html and "/@mika/" in html
    assert page.context["form"].initial["ratio"] == "4:3" and page.context["form"].initial["style"] == "watercolour"
    token = page.context["form"]["origin"].value()
    form = build_form(origin=token, takes="2")
    reader.post(reverse("generation:create"), form)
    reader.post(reverse("generation:create"), form)  # a double click

    clips = Clip.objects.filter(workspace=home_of(ren))
    rows = Remix.objects.all()
    work.refresh_from_db()
    assert {row.child for row in rows} == {clip.pk for clip in clips} and rows.count() == work.remix_count == 2
    assert {(row.how, row.parent_title, row.parent_author, row.parent_licence) for row in rows} == {
        ("words", "The last summer train", "Mika", "by")
    }


def test_edited_origin_counts_as_none(work, reader):
    token = sign_origin(Origin.of_work(work, "words"))
    assert read_origin(token) == Origin(work.code, "words", "by", 1)
    for edited in ("", "x", token[:-1], f"{token}a", "{}", "a:b:c"):
        assert read_origin(edited) is None

    reader.post(reverse("generation:create"), build_form(origin=f"{token}a"))

    assert Clip.objects.count() == 2 and not Remix.objects.exists()


def find_number(key, path):
    """Return which frame of the clip the stored picture shows."""
    with storages["clips"].open(key) as file, Image.open(file) as image:
        picture = np.asarray(image.convert("L").resize((256, 144)), int)
    frames = [np.asarray(read_frame(path, n).convert("L").resize((256, 144)), int) for n in (0, 11, 12, 13, 46, 47)]
    differences = [abs(picture - frame).mean() for frame in frames]
    return (0, 11, 12, 13, 46, 47)[differences.index(min(differences))]


def test_frame_is_copied_by_a_job_and_every_clip_that_starts_from_it_is_a_remix(work, reader, ren, mika, tmp_path):
    shot = make_mezzanine(tmp_path / "clip.mp4", numbered_frames(3), 48)
    file = ClipFile.objects.get(clip=work.clip, kind="mezzanine")
    storages["clips"].save(file.key, ContentFile(shot.path.read_bytes()))
    Clip.objects.filter(pk=work.clip_id).update(frames=48)

    shown = []
    for data in ({"how": "first_frame", "at": "0.5"}, {"how": "last_frame"}):
        response = reader.post(reverse("gallery:remix", args=[work.code]), data)
        frame = RemixFrame.objects.get(picture=None)
        assert "Copying the frame" in reader.get(response.url).content.decode()
        engine.advance(frame.job_id)
        create = reader.get(response.url)
        frame.refresh_from_db()
        assert frame.picture.workspace == home_of(ren) and str(frame.picture_id) in create.url
        assert "origin=" in create.url and reader.get(create.url).status_code == 200
        shown.append(find_number(frame.picture.key, shot.path))
    assert shown == [12, 47]

    withdraw_work(work, by=mika)
    picture = RemixFrame.objects.earliest("created_at").picture_id
    reader.post(reverse("generation:create"), build_form(picture=str(picture)))  # from the library, without the token
    remix = Remix.objects.get()
    assert (remix.how, remix.parent_licence, remix.workspace) == ("first_frame", "by", home_of(ren))


def test_frame_of_a_work_that_was_withdrawn_meanwhile_is_not_copied(work, reader, mika):
    response = reader.post(reverse("gallery:remix", args=[work.code]), {"how": "first_frame"})
    withdraw_work(work, by=mika)

    engine.advance(RemixFrame.objects.get().job_id)

    page = reader.get(response.url)
    assert "The work was withdrawn" in page.content.decode() and RemixFrame.objects.get().picture is None


def publish_film(user, create_film, publish, create_clip, **choices):
    film = create_film(user)
    clip = create_clip(
        user, prompt="Aki runs to the sea", seconds=4,
        options={"line": "Higher!", "cast": [{"name": "Aki", "description": "a boy in a blue coat"}]},
    )  # fmt: skip
    film.plan["pieces"][0]["clip"] = str(clip.pk)
    film.plan["joins"] = [{"kind": "iris", "frames": 12}]
    film.save()
    return publish(film, **{"allows_remix": True} | choices)


def test_scene_comes_with_its_words_only_if_they_are_shown(
    public_gallery, mika, ren, reader, create_film, create_clip, publish
):
    work = publish_film(mika, create_film, publish, create_clip, shows_prompt=True, licence="by-nc")
    path = reverse("gallery:remix", args=[work.code])
    assert b"Dawn over the beach" in reader.get(path, {"how": "scene"}).content
    data = {"how": "scene", "scene": "0", "idem_key": "k" * 20}
    response = reader.post(path, data)
    reader.post(path, data)  # a double click
    story = Story.objects.get(workspace=home_of(ren))
    scene = story.scenes.get()
    assert response.url == story.get_absolute_url() and (scene.prompt, scene.line) == ("Aki runs to the sea", "Higher!")
    assert story.characters.get().description == "a boy in a blue coat" and story.runs.count() == 1

    Work.objects.filter(pk=work.pk).update(shows_prompt=False)
    assert b"Dawn over the beach" not in reader.get(path, {"how": "scene"}).content
    picture = Scene.objects.create(story=work.film.story, position=1).pk  # a scene of Mika's is no story of Ren's
    assert reader.post(path, data | {"story": str(picture), "idem_key": "l" * 20}).status_code == 404
    assert reader.post(path, data | {"scene": "7", "idem_key": "m" * 20}).status_code == 422
    with storages["clips"].open(work.film.get_still_key(1), "wb") as file:
        Image.new("RGB", (128, 72), "navy").save(file, "WEBP")
    reader.post(path, data | {"scene": "1", "story": str(story.pk), "idem_key": "n" * 20})
    taken = story.scenes.get(position=2)
    assert taken.prompt == "" and taken.first_frame.workspace == home_of(ren)
    assert set(Remix.objects.values_list("how", "child", "parent_licence")) == {("scene", story.pk, "by-nc")}


def test_whole_story_becomes_a_template_as_the_film_showed_it(
    public_gallery, mika, ren, reader, create_film, create_clip, publish
):
    work = publish_film(mika, create_film, publish, create_clip, shows_prompt=True)
    Scene.objects.create(story=work.film.story, position=1, prompt="what Mika wrote later")

    response = reader.post(reverse("gallery:remix", args=[work.code]), {"how": "template"}, follow=True)

    page = response.content.decode()
    assert "Aki runs to the sea" in page and "what Mika wrote later" not in page
    path = response.redirect_chain[-1][0]
    reader.post(path, {"idem_key": "k" * 20})
    story = Story.objects.get(workspace=home_of(ren))
    assert story.scenes.get().join_kind == "iris"
    work.refresh_from_db()
    assert {row.child_kind for row in Remix.objects.filter(parent=work)} == {"template", "story"}
    assert work.remix_count == 2


def remix(work, child, how="words"):
    return record_remix(Origin.of_work(work, how), workspace=child.workspace, child_kind="clip", child=child.pk)


def test_lineage_shows_links_only_to_what_the_viewer_may_see(
    work, mika, ren, client, create_clip, publish, django_assert_max_num_queries
):
    clip = create_clip(ren, title="The first winter train")
    secret = create_clip(ren, title="Not published")
    remix(work, clip)
    remix(work, secret)
    child = publish(clip, **OPEN)
    grandchild = publish(create_clip(mika, title="The spring train", continues=clip), **OPEN)
    record_lineage(grandchild)

    with django_assert_max_num_queries(12):
        page = client.get(work.get_absolute_url()).content.decode()
    assert f'href="{child.get_absolute_url()}">The first winter train' in page and "Not published" not in page
    assert "1 remix is not published" in page and 'id="lineage"' in page

    page = client.get(grandchild.get_absolute_url()).content.decode()
    assert f'href="{work.get_absolute_url()}">The last summer train' in page and "CC BY 4.0" in page

    withdraw_work(work, by=mika)
    page = client.get(child.get_absolute_url()).content.decode()
    assert "<b>a work that is no longer public</b>" in page and "Mika" in page and "CC BY 4.0" in page
    assert "The last summer train" not in page and f'href="/w/{work.code}/"' not in page
    work.delete()
    row = Remix.objects.get(child=clip.pk)
    page = client.get(child.get_absolute_url()).content.decode()
    assert row.parent is None and "no longer public" in page and "The last summer train" not in page


LICENCES = {
    ("cc0",): {"reserved", "cc0", "by", "by-sa", "by-nc", "by-nc-sa"},
    ("by",): {"reserved", "by", "by-sa", "by-nc", "by-nc-sa"},
    ("by-sa",): {"by-sa"},
    ("by-nc",): {"reserved", "by-nc", "by-nc-sa"},
    ("by-nc-sa",): {"by-nc-sa"},
    ("reserved",): {"reserved"},
    ("by", "by-nc-sa"): {"by-nc-sa"},
    ("by-nc", "by"): {"reserved", "by-nc", "by-nc-sa"},
    ("by-sa", "by-nc"): set(),
    ("by-sa", "reserved"): set(),
}


def test_remix_has_only_licences_that_all_of_its_parents_allow(mika, ren, create_clip, publish):
    found = {}
    for licences in LICENCES:
        child = create_clip(ren, has_files=False)
        for licence in licences:
            remix(publish(create_clip(mika, has_files=False), licence=licence, allows_remix=True), child)
        rows = allowed_licences(child)
        assert all(reason for licence, reason in rows if reason)
        found[licences] = {licence for licence, reason in rows if not reason}
    assert found == LICENCES


def test_licence_that_changes_later_binds_only_new_remixes(work, ren, mika, create_clip):
    early, late = create_clip(ren), create_clip(ren)
    remix(work, early)
    Work.objects.filter(pk=work.pk).update(licence="by-sa")
    work.refresh_from_db()
    remix(work, late)

    assert dict(allowed_licences(early))["by"] == "" and "BY-SA" in dict(allowed_licences(late))["by"]
    varied = create_clip(ren, variation_of=late)
    assert dict(allowed_licences(varied))["by"], "a variation of a remix is bound like the remix"
    assert dict(allowed_licences(create_clip(mika)))["cc0"] == ""


def test_publish_dialog_offers_only_allowed_licences_and_says_why(work, reader, ren, create_clip):
    Work.objects.filter(pk=work.pk).update(licence="by-sa")
    work.refresh_from_db()
    clip = create_clip(ren)
    remix(work, clip)
    path = reverse("gallery:publish_clip", args=[clip.pk])

    page = reader.get(path).content.decode()
    assert 'value="by-sa"' in page and 'value="cc0"' not in page and "The last summer train" in page
    data = {"visibility": "public", "title": "Mine", "licence": "cc0"}
    assert reader.post(path, data).status_code == 422
    reader.post(path, data | {"licence": "by-sa"})
    assert Work.objects.get(clip=clip).licence == "by-sa"


def test_blocked_user_is_told_and_can_remix_nothing(work, reader, ren, mika):
    from gallery.models import Block, Profile

    Block.objects.create(user=mika, profile=Profile.objects.get(workspace=home_of(ren)), kind="block")

    assert reader.post(reverse("gallery:remix", args=[work.code]), {"how": "words"}).status_code == 403
    assert "does not accept" in read_reasons(ren, work)["words"]
