"""Story templates: stories made from them, saved and published ones."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from PIL import Image

from gallery.models import Remix, StoryTemplate, Work
from gallery.remix import templates
from gallery.works.media import get_media_urls
from generation.models import Picture
from jobs.models import Job
from studio.models import Character, CharacterPicture, Scene, Story
from studio.story_templates.body import TemplateBody
from studio.story_templates.pictures import copy_poster
from studio.story_templates.save import build_body_from_story
from tests.studio.story_templates.bodies import change


@pytest.fixture
def member(mika, sign_in, public_gallery):
    return sign_in(mika)


def test_used_template_is_a_story_whose_drafts_and_film_are_requested(member, mika):
    path = reverse("gallery:shipped_template", args=["day"])
    assert b"Whose day" in member.get(path).content
    data = {"idem_key": "k" * 20, "blank_0": "Ada", "blank_1": "", "blank_2": "soup", "blank_3": "dog"}

    response = member.post(path, data)
    member.post(path, data)  # a double click

    story = Story.objects.get()
    assert response.url == reverse("studio:first_film", args=[story.pk])
    assert story.title == "A day of Ada" and story.film_settings.end_text == "Good night"
    scenes = list(Scene.objects.filter(story=story).order_by("position"))
    assert len(scenes) == 6 and scenes[1].prompt == "Ada eats soup in the kitchen in the morning."
    colours = scenes[1].characters.get().colours
    assert colours[0] == "#6e4630" and len(colours) == 3, "brown hair, and the same clothes and eyes in every scene"
    assert scenes[0].join_kind == "crossfade" and [row.name for row in scenes[1].characters.all()] == ["Ada"]
    assert Job.objects.filter(kind="run").count() == 1 and story.runs.get().makes_film
    assert "The scenes come from a template" in member.get(response.url).content.decode()
    assert not Remix.objects.exists(), "the studio's own templates are nobody's works"


def test_template_of_one_scene_opens_create_with_its_words(member, mika):
    body = change(scenes=[{"text": "{hero} waves", "seconds": 6}], cast=[], film={})
    row = templates.save_template(
        TemplateBody.from_json(body), title="Wave", workspace=mika.workspaces.get(home_of=mika), by=mika
    )

    response = member.post(reverse("gallery:own_template", args=[row.pk]), {"blank_0": "Ada"}, follow=True)

    page = response.content.decode()
    assert "Ada waves" in page and not Story.objects.exists()


def test_own_prompt_is_shared_as_a_template_of_one_scene(member, mika, sign_in, ren):
    from generation.models import PromptTemplate

    row = PromptTemplate.objects.create(owner=mika, kind="template", title="Wave", text="{who} waves, {not:a-blank}")
    assert b"/templates/prompt/" in member.get(reverse("generation:prompts")).content
    assert sign_in(ren).post(reverse("gallery:share_prompt"), {"key": str(row.pk)}).status_code == 404

    response = member.post(reverse("gallery:share_prompt"), {"key": str(row.pk)}, follow=True)

    body = TemplateBody.from_json(StoryTemplate.objects.get().body)
    assert body.is_prompt and body.scenes[0].text == "{who} waves, (not:a-blank)"
    assert b"Open in Create" in response.content and b"/publish/" in response.content


def create_story(user):
    story = Story.objects.create(workspace=user.workspaces.get(home_of=user), created_by=user, title="The race")
    scene = Scene.objects.create(story=story, position=1, prompt="@Mio runs to the {place}. Mionette waves.")
    mio = Character.objects.create(workspace=story.workspace, story=story, name="Mio", description="a girl")
    scene.cast.create(character=mio)
    picture = Picture.objects.create(
        workspace=story.workspace, key="pictures/mio.webp", width=8, height=8, bytes=4, sha256="mio"
    )
    CharacterPicture.objects.create(character=mio, picture=picture)
    return story, picture


def test_saved_story_keeps_pictures_only_if_its_author_lets_them_travel(member, mika, ren, sign_in):
    story, picture = create_story(mika)
    storages["clips"].save(picture.key, ContentFile(b"face"))
    path = reverse("gallery:save_template", args=[story.pk])
    data = {"title": "Race", "opens_0": "on", "label_0": "Where to?", "default_0": "sea"}
    member.post(path, data)
    member.post(path, data | {"has_pictures": "on", "title": "Race with faces"})
    bare, full = StoryTemplate.objects.order_by("created_at")

    assert bare.body["scenes"][0]["text"] == "{Mio} runs to the {place}. Mionette waves."
    assert {blank["name"]: blank["default"] for blank in bare.body["blanks"]} == {"Mio": "Mio", "place": "sea"}
    assert bare.body["cast"][0]["pictures"] == [] and full.body["cast"][0]["pictures"] == [str(picture.pk)]
    assert str(picture.pk) in templates.read_pictures_in_use()

    reader = sign_in(ren)
    assert reader.get(reverse("gallery:own_template", args=[full.pk])).status_code == 404
    made = templates.create_story(
        TemplateBody.from_json(full.body), title="Race", values={"Mio": "Ada"}, by=ren, idem_key="key",
        workspace=ren.workspaces.get(home_of=ren), template=full,
    )  # fmt: skip
    copied = made.characters.get(name="Ada").pictures.get().picture
    assert copied.workspace_id == made.workspace_id and copied.key != picture.key


def test_public_template_is_listed_and_its_story_is_credited(member, mika, ren, sign_in, publish, settings):
    story, _picture = create_story(mika)
    poster = io.BytesIO()
    Image.new("RGB", (64, 36), "navy").save(poster, "WEBP")
    storages["clips"].save("clips/poster.webp", ContentFile(poster.getvalue()))
    body = build_body_from_story(story)
    cover = copy_poster("clips/poster.webp", workspace=story.workspace, by=mika)
    row = templates.save_template(body, title="Race", workspace=story.workspace, by=mika, cover=cover)
    work = publish(row, title="A race for everybody", licence="by-sa")
    reader = sign_in(ren)

    page = reader.get(reverse("gallery:templates")).content.decode()
    assert "A race for everybody" in page and "/small.webp" in page
    cover = Client().get(
        get_media_urls(work).small_poster.removeprefix(settings.MEDIA_ORIGIN), HTTP_HOST="127.0.0.1:8000"
    )
    assert cover.content == poster.getvalue() and row.cover_id in templates.read_pictures_in_use()
    reader.post(reverse("gallery:public_template", args=[work.code]), {"blank_0": "sea"})

    used = reverse("gallery:public_template", args=[work.code])
    assert get_media_urls(work).poster in reader.get(used).content.decode()  # no link to the stored file
    remix = Remix.objects.get()
    work.refresh_from_db()
    made = Story.objects.get(pk=remix.child)
    assert (remix.how, remix.parent_licence, work.remix_count) == ("template", "by-sa", 1)
    assert made.workspace == ren.workspaces.get(home_of=ren) and "sea" in made.scenes.get().prompt

    unlisted = publish(row, visibility="unlisted", title="A race for some")
    assert reader.get(reverse("gallery:public_template", args=[unlisted.code])).status_code == 404
    page = reader.get(unlisted.get_absolute_url()).content.decode()
    path = reverse("gallery:unlisted_template", args=[unlisted.share_token])
    assert path in page and reader.get(path).status_code == 200

    settings.GALLERY_MATURE = True
    Work.objects.update(visibility="public", rating="mature")
    assert reader.get(used).url == work.get_absolute_url()


def test_template_library_is_readable_by_visitors_and_gone_without_a_gallery(client, db, public_gallery, settings):
    page = client.get(reverse("gallery:templates"))
    assert page.status_code == 200 and page.content.count(b"templates/") >= 8
    assert client.get("/templates/?category=poem").content.count(b"prompt-card sheet") == 1
    response = client.post(reverse("gallery:shipped_template", args=["haiku"]))
    assert response.url.startswith(reverse("account_signup")) and "haiku" in response.url

    settings.GALLERY = "off"
    assert client.get(reverse("gallery:templates")).status_code == 404
    assert client.get(reverse("gallery:shipped_template", args=["haiku"])).status_code == 404
