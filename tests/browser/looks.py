"""Stories in which a scene of every look is seen, with their characters, their music and what was thrown away."""

import uuid
from pathlib import Path

from django.core.files import File
from django.urls import reverse
from django.utils import timezone

from accounts.billing import ledger
from accounts.models import Membership, User
from generation.media import storage
from generation.models import Clip, ClipFile
from generation.providers.connections import services as connection_services
from generation.services import uploads
from generation.worker.files import key_of
from studio.characters import services as character_services
from studio.films import services as film_services
from studio.models import Character, FilmSettings, Music, Run, Scene, Shot, Take
from studio.scenes import services as scene_services
from studio.stories import services as story_services
from tests.browser.site import ROOT

ART = ROOT / "static/art"
WORDS = ("@Aki walks to the sea", "The sea at night, seen from the cliff", "A lighthouse in the fog", "@Aki turns",
         "A dog waits by the gate", "The last train leaves", "Snow on the platform", "Nobody is connected for this",
         "Nobody knows what this costs")  # fmt: skip
WHY = "The provider doesn’t support this picture: it shows somebody famous. Nothing was charged."


def every_look(home, person, job, film) -> tuple[list[str], list[str]]:
    """Paths of what is seen of a story with each of them, and of the sheets before it is drawn, which only those see
    who may draw. ``job`` and ``film`` make rows as seed.py has them."""
    story = story_services.create_story(workspace=home, by=person, title="Every look", provider="runway")
    aki = _aki(home, person, story)
    joined = {"join_kind": "crossfade", "join_frames": 12}
    scenes = [scene_services.add_scene(story=story, by=person, prompt=words, **joined) for words in WORDS]
    _draw(scenes, job)
    _engines(home, person, story, scenes)
    Character.objects.filter(pk=aki.pk).update(looks_changed_at=timezone.now())
    bed = _music(home, job, "ready", "Cicadas and strings")
    FilmSettings.objects.create(story=story, title_text="Every look", end_text="The end", music=bed)
    made, gone = (film(story, person, n, "ready") for n in (1, 2))
    scene_services.add_scene(story=story, by=person, prompt="A scene that was thrown away")
    thrown = _throw_away(story, person, gone)
    _watch(home, person)
    found = [reverse(f"studio:{name}", args=[story.pk]) for name in ("story", "film", "story_characters", "director")]
    found += [reverse("studio:scene", args=[scene.pk]) for scene in scenes[:6]]
    found += [reverse("studio:character", args=[aki.pk]), made.get_absolute_url(), *thrown]
    return found, _sheets(story, aki)


def being_drawn(story, person, job) -> None:
    """One scene on its way, one that waits for its turn, and music that nobody can read."""
    home = story.workspace
    scenes = [scene_services.add_scene(story=story, by=person, prompt=words) for words in WORDS[1:3]]
    _take(scenes[0], job, "", state="running")
    run = Run.objects.create(story=story, job=job(home, None, "run", "running"))
    Shot.objects.create(run=run, scene=scenes[1], n=1)
    FilmSettings.objects.create(story=story, music=_music(home, job, "failed", "A photo, not a song"))


def _aki(home, person, story) -> Character:
    aki = character_services.add_character(
        workspace=home, story=story, by=person, name="Aki", kind="person", colours=["#c92c18", "#1d58bd"],
        description="Twelve years old, a yellow raincoat, short black hair",
    )  # fmt: skip
    character_services.add_character(workspace=home, story=story, by=person, name="The cliff", kind="place")
    for name, role in (("sakura", "face"), ("torii", "body")):
        with (ART / f"{name}.webp").open("rb") as file:
            picture = uploads.keep(File(file), workspace=home, by=person)
        character_services.add_character_picture(character=aki, picture=picture, role=role, by=person)
    return aki


def _draw(scenes, job) -> None:
    """Final; failed; refused; out of date; animatic and locked; its take in the bin; with older words; and two with
    nothing."""
    final, failed, refused, stale, animatic, lost, older = scenes[:7]
    for scene in (final, failed, animatic, lost):
        _take(scene, job, "lighthouse", purpose=Take.Purpose.ANIMATIC)
    _take(final, job, "ink", state="failed")
    _choose(_take(final, job, "moontrain"))
    _take(failed, job, "", state="failed")
    run = Run.objects.create(story=refused.story, job=job(refused.story.workspace, None, "run", "ready"))
    Shot.objects.create(run=run, scene=refused, n=1, state=Shot.State.FAILED, why=WHY)
    _choose(_take(stale, job, "sakura", stale_since=timezone.now(), stale_why="Aki"))
    Scene.objects.filter(pk=animatic.pk).update(is_locked=True)
    _choose(take := _take(lost, job, "snow"))
    Clip.objects.filter(pk=take.clip_id).update(deleted_at=timezone.now())
    _choose(_take(older, job, "snow", recipe="another"))


def _take(scene, job, art: str, *, state="ready", purpose=Take.Purpose.FINAL, **more) -> Take:
    home = scene.story.workspace
    clip = Clip.objects.create(
        workspace=home, job=job(home, None, "clip", state), title=scene.prompt, prompt=scene.prompt, seed=1, frames=120,
        width=1280, height=720, provider="animatic" if purpose == Take.Purpose.ANIMATIC else "runway",
        ready_at=timezone.now() if state == "ready" else None,
    )  # fmt: skip
    if state == "ready":
        kept = storage.put(Path(ART / f"{art}.webp"), key_of(clip, ClipFile.Kind.POSTER))
        facts = {"key": kept.key, "content_type": kept.content_type, "sha256": kept.sha256, "bytes": kept.bytes}
        ClipFile.objects.create(clip=clip, kind=ClipFile.Kind.POSTER, **facts)
    return Take.objects.create(scene=scene, clip=clip, purpose=purpose, **more)


def _choose(take: Take) -> None:
    Scene.objects.filter(pk=take.scene_id).update(chosen=take)


def _engines(home, person, story, scenes) -> None:
    """Runway says its prices, Ark not, and Kling is not connected; there is less in the purse than all this costs."""
    for provider in ("runway", "ark"):
        secret = {"keys": {"api_key": "a-key-that-opens-nothing"}}
        connection_services.add(by=person, provider=provider, label=provider, owner=person, secret=secret)
    for scene, provider in zip(scenes[-2:], ("kling", "ark"), strict=True):
        Scene.objects.filter(pk=scene.pk).update(provider=provider)
    ledger.limit(home, 100_000, by=person)


def _music(home, job, state: str, title: str) -> Music:
    ready = timezone.now() if state == "ready" else None
    row = job(home, None, "music", state)
    return Music.objects.create(
        workspace=home, job=row, title=title, sha256=uuid.uuid4().hex, seconds=42, bytes=1000, ready_at=ready
    )


def _throw_away(story, person, film) -> list[str]:
    """One of each kind that has a bin of its own; their pages."""
    scene = story.scenes.shown().in_order().last()
    who = character_services.add_character(
        workspace=story.workspace, story=story, by=person, name="Old Tom", kind="person"
    )
    scene_services.delete_scene(scene=scene, by=person)
    character_services.delete_character(character=who, by=person)
    film_services.delete_film(film=film, by=person)
    pages = [reverse("studio:scene", args=[scene.pk]), reverse("studio:character", args=[who.pk])]
    return [*pages, film.get_absolute_url()]


def _watch(home, person) -> None:
    """Whoever walks beside this person may look at all of it and change nothing."""
    for viewer in User.objects.filter(email=f"viewer-{person.email}"):
        Membership.objects.create(workspace=home, user=viewer, role="viewer")


def _sheets(story, aki) -> list[str]:
    """The sheet before any spending: more than is left, less than a cap allows, one scene, and those of a character."""
    draw = reverse("studio:draw", args=[story.pk])
    one = story.scenes.shown().in_order().first().pk
    return [
        f"{draw}?which=all", f"{draw}?which=all&mode=coherent&cap_USD=1", f"{draw}?which=one&scene={one}",
        f"{draw}?which=stale&character={aki.pk}", f"{draw}?which=failed",
    ]  # fmt: skip
