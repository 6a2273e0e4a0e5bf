"""Character looks reach providers as pictures or text, and the animatic as colours."""

import base64
import io
import re

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from generation.animatic.continuity import understand_in_story
from generation.models import Clip
from generation.providers.connections import services as connection_services
from jobs.lifecycle import engine
from jobs.models import Job
from studio.characters import services as character_services
from studio.drawing import prompt
from studio.drawing import services as drawing_services
from studio.models import Take
from studio.scenes import edits
from studio.scenes import services as scene_services
from studio.stories import services as story_services
from studio.timeline.board import build_board
from tests.fakes.ark import ArkFake
from tests.fakes.server import FakeServer
from tests.fakes.zhipu import ZhipuFake

pytestmark = pytest.mark.django_db
SEEDANCE = "dreamina-seedance-2-0-260128"


@pytest.fixture
def fake_providers(mika, settings):
    """Two fakes that record requests: Ark accepts reference images, Zhipu only text."""
    fakes = {"ark": ArkFake(b"no film"), "zhipu": ZhipuFake(b"no film")}
    with FakeServer(list(fakes.values())) as fake_server:
        settings.PROVIDER_PRIVATE_HOSTS = [f"{host}:{fake_server.server_port}" for host in ("127.0.0.1", "localhost")]
        for slug in fakes:
            connection_services.add_connection(
                by=mika, provider=slug, label=slug, owner=mika, base_url=fake_server.url(slug), allows_private=True,
                secret={"keys": {"api_key": fakes[slug].key}},
            )  # fmt: skip
        yield fakes


@pytest.fixture
def add_portrait(browser):
    """``add_portrait(aki, "face", "red")`` adds an image of that colour."""

    def add(character, role, colour):
        raw = io.BytesIO()
        Image.new("RGB", (400, 400), colour).save(raw, "PNG")
        file = SimpleUploadedFile("a.png", raw.getvalue(), content_type="image/png")
        browser.post(f"/stories/characters/{character.pk}/picture/", {"picture_file": file, "role": role})

    return add


def request_of(fake, story, by, run_jobs, **engine):
    """Return the request that the provider got for the story's only scene."""
    story_services.change_story(story=story, by=by, changes=engine)
    story.refresh_from_db()
    drawing_services.start_run(story=story, by=by, which="all", idem_key=f"k{engine['provider']}", cap=1_000_000)
    run_jobs()
    (task,) = fake.created
    return task.request


def colours_in(body) -> list[str]:
    """Return the colour of each reference image of a request."""
    urls = [part["image_url"]["url"] for part in body["content"] if part["type"] == "image_url"]
    pictures = [Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB") for url in urls]
    colour_names = {(255, 0, 0): "red", (0, 0, 255): "blue", (255, 255, 255): "white", (0, 128, 0): "green"}
    middles = [tuple(np.asarray(picture)[200, 200].astype(int)) for picture in pictures]
    return [
        min(colour_names.items(), key=lambda item: sum(abs(a - b) for a, b in zip(item[0], colour, strict=True)))[1]
        for colour in middles
    ]


def test_a_provider_without_pictures_gets_colours_and_style_as_text(mika, aki, run_jobs, fake_providers):
    character_services.change_character(
        character=aki, by=mika, changes={"colours": ["#c92c18", "#1d58bd", "#3f9f66"], "sheet": "watercolour"}
    )
    scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki runs", camera="push", seconds=5)

    request = request_of(fake_providers["zhipu"], aki.story, mika, run_jobs, provider="zhipu", resolution=720)

    assert request["prompt"].startswith(
        "Aki runs. Aki: long red hair, a yukata, red (#c92c18) hair, blue (#1d58bd) clothes"
    )
    assert "green (#3f9f66) eyes, drawn as soft watercolour anime" in request["prompt"]
    assert "slow push in" in request["prompt"] and "cel-shaded" in request["prompt"]


def test_a_provider_with_pictures_gets_labelled_faces_first(mika, aki, run_jobs, fake_providers, add_portrait):
    ken = character_services.add_character(
        workspace=aki.workspace, by=mika, story=aki.story, name="Ken", sheet="ink_wash"
    )
    add_portrait(aki, "outfit", "blue")
    add_portrait(aki, "face", "red")
    add_portrait(ken, "body", "green")
    add_portrait(ken, "back", "white")
    scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki and @Ken run", seconds=5)

    body = request_of(fake_providers["ark"], aki.story, mika, run_jobs, provider="ark", model=SEEDANCE)

    text = body["content"][0]["text"]
    assert colours_in(body) == ["red", "green", "blue", "white"]
    labels = "Picture 1: Aki, face. Picture 2: Ken, whole figure. Picture 3: Aki, clothes. Picture 4: Ken, from behind"
    assert labels in text
    assert "Aki: long red hair, a yukata" in text and "Ken: drawn as ink wash painting" in text


def test_a_scene_with_a_first_frame_describes_looks_in_text(mika, aki, scenes, run_jobs, fake_providers, add_portrait):
    add_portrait(aki, "face", "red")
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki runs", seconds=5)
    frame = aki.pictures.get().picture
    edits.edit_scene(scene=scene, by=mika, rev=scene.rev, changes={"first_frame": str(frame.pk)})

    body = request_of(fake_providers["ark"], aki.story, mika, run_jobs, provider="ark", model=SEEDANCE)

    assert [part.get("role") for part in body["content"]] == [None, "first_frame"]
    assert "Picture 1" not in body["content"][0]["text"] and "long red hair" in body["content"][0]["text"]


def test_a_short_prompt_limit_drops_looks_before_user_text(mika, aki, run_jobs, fake_providers):
    character_services.change_character(character=aki, by=mika, changes={"description": "hair, " * 160})
    scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki runs " + "far " * 80, camera="pull", seconds=5)

    request = request_of(fake_providers["zhipu"], aki.story, mika, run_jobs, provider="zhipu", resolution=720)

    assert len(request["prompt"]) <= 512
    assert request["prompt"].startswith("Aki runs far far") and "slow pull out" in request["prompt"]
    assert "hair, hair" not in request["prompt"]


@pytest.mark.slow
def test_new_colours_redraw_the_animatic(mika, aki, run_jobs):
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki stands on a hill", seconds=2)
    drawing_services.draw_animatics(story=aki.story, by=mika, idem_key="first")
    run_jobs()
    assert Take.objects.count() == 1

    character_services.change_character(character=aki, by=mika, changes={"colours": ["#00ff00", "#ff00ff"]})
    engine.advance(Job.objects.get(kind="run", state="queued").pk)

    newest = scene.takes.order_by("-created_at").first()
    assert scene.takes.count() == 2
    assert newest.clip.options["cast"][0]["colours"] == ["#00ff00", "#ff00ff"]


def test_the_animatic_uses_character_colours():
    aki = {
        "name": "Aki",
        "kind": "person",
        "description": "a girl with long red hair",
        "colours": ["#00ff00", "#ff00ff"],
    }

    (seen,) = understand_in_story("a girl on a hill", {"cast": [aki]}, seed=1).scene.subjects
    (with_description,) = understand_in_story("a girl with black hair", {"cast": [aki]}, seed=1).scene.subjects

    assert (seen.hair_colour, seen.clothes_colour, seen.hair_style) == ("#00ff00", "#ff00ff", "long")
    assert with_description.hair_colour not in ("", "#00ff00"), "the text of the shot must win"


def test_an_animal_character_is_drawn_in_its_colour():
    kuro = {"name": "Kuro", "kind": "person", "description": "a black cat", "colours": ["#102030"]}

    subjects = understand_in_story("a girl and a cat on a roof", {"cast": [kuro]}, seed=1).scene.subjects
    alone = understand_in_story("an empty roof at night", {"cast": [kuro]}, seed=1).scene.subjects

    assert {subject.kind: subject.name for subject in subjects} == {"girl": "", "cat": "Kuro"}
    assert [(subject.kind, subject.hair_colour) for subject in alone] == [("cat", "#102030")]


def test_a_thing_character_is_drawn_in_its_colour():
    train = {"name": "The blue train", "kind": "prop", "colours": ["#0000fe"]}

    (seen,) = understand_in_story("a train by the sea", {"cast": [train]}, seed=1).scene.subjects

    assert (seen.kind, seen.clothes_colour) == ("train", "#0000fe")


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("#c92c18", "red"), ("#1d58bd", "blue"), ("#000000", "black"), ("#ffffff", "white"), ("#808080", "grey"),
        ("#ff69b4", "pink"), ("#5c4033", "brown"), ("#0b1f4b", "navy"), ("#ffd700", "yellow"), ("#228b22", "green"),
    ],
)  # fmt: skip
def test_colours_have_common_names(colour, name):
    assert re.search(rf"\b{name}$", prompt.name_colour(colour))


@pytest.fixture
def drawn_by_atelier(aki, atelier):
    """Draw the final takes of Aki's story with the atelier."""
    aki.story.provider = "atelier"
    aki.story.save()


@pytest.mark.usefixtures("drawn_by_atelier")
def test_changed_colours_make_final_takes_outdated(browser, mika, aki, run_jobs):
    scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki stands on a hill", seconds=2)
    drawing_services.start_run(story=aki.story, by=mika, which="all", idem_key="k")
    run_jobs()
    assert [panel.has_older_text for panel in build_board(aki.story).panels] == [False]

    data = {"name": "Aki", "kind": "person", "description": aki.description, "sheet": "chibi"}
    browser.post(f"/stories/characters/{aki.pk}/", data)

    assert [panel.has_older_text for panel in build_board(aki.story).panels] == [True]
    assert Take.objects.get(purpose="final").stale_characters == "Aki"
    assert Clip.objects.filter(scene_takes__purpose="final").count() == 1, "a final take was redrawn without a request"


@pytest.fixture
def takes(mika, aki, run_jobs, drawn_by_atelier):
    """A scene with the character, an animatic and a final take, both up to date."""
    scene = scene_services.add_scene(story=aki.story, by=mika, prompt="@Aki stands on a hill", seconds=2)
    drawing_services.draw_animatics(story=aki.story, by=mika, idem_key="sketch")
    drawing_services.start_run(story=aki.story, by=mika, which="all", idem_key="k")
    run_jobs()
    drawing_services.use_new_takes(story=aki.story, by=mika)
    return {take.purpose: take for take in scene.takes.all()}


def test_a_changed_picture_role_makes_final_takes_outdated(aki, add_portrait, takes):
    add_portrait(aki, "face", "red")
    Take.objects.update(stale_since=None, stale_characters="")

    add_portrait(aki, "face", "red")
    assert Take.objects.get(pk=takes["final"].pk).stale_since is None
    add_portrait(aki, "outfit", "red")

    assert Take.objects.get(pk=takes["final"].pk).stale_characters == "Aki"


def test_a_new_picture_makes_only_the_final_take_outdated(browser, mika, aki, add_portrait, takes):
    url = aki.story.get_absolute_url()
    add_portrait(aki, "face", "red")

    final, animatic = (Take.objects.get(pk=takes[purpose].pk) for purpose in ("final", "animatic"))
    assert (final.stale_characters, animatic.stale_characters, animatic.stale_since) == ("Aki", "", None)
    assert "Aki changed" in browser.get(url).content.decode()

    drawing_services.choose_take(take=animatic, by=mika)
    page = browser.get(url).content.decode()
    assert "Aki changed" not in page and "Drawn from older text" not in page
    assert build_board(aki.story).animatable == [], "animatics contain no character images"


def test_an_animatic_marked_by_older_code_has_no_tag(browser, mika, aki, takes):
    Take.objects.filter(pk=takes["animatic"].pk).update(stale_since=timezone.now(), stale_characters="Aki")
    drawing_services.choose_take(take=takes["animatic"], by=mika)

    page = browser.get(aki.story.get_absolute_url()).content.decode()

    assert "Aki changed" not in page and "Out of date" not in page


@pytest.mark.slow
def test_a_changed_description_outdates_takes_and_redraws_animatics(browser, mika, aki, run_jobs, takes):
    drawing_services.choose_take(take=takes["animatic"], by=mika)
    character_services.change_character(character=aki, by=mika, changes={"description": "short black hair"})
    busy = build_board(aki.story).panels[0]
    assert busy.has_older_text and busy.is_busy
    run_jobs()

    newest = Take.objects.filter(purpose="animatic").latest("created_at")
    assert newest.pk != takes["animatic"].pk
    assert newest.clip.options["cast"][0]["description"] == "short black hair"
    assert Take.objects.get(pk=takes["final"].pk).stale_characters == "Aki"
