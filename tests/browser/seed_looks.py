"""Create a story with a scene in every state, characters, music and deleted rows."""

import uuid
from pathlib import Path

from django.core.files import File
from django.urls import reverse
from django.utils import timezone

from accounts.billing import grants
from accounts.models import Membership, User
from generation.media import storage
from generation.models import Clip, ClipFile
from generation.providers.connections import services as connection_services
from generation.services import uploads
from generation.worker.files import build_file_key
from studio.characters import services as character_services
from studio.films import services as film_services
from studio.models import Character, FilmSettings, Music, Run, Scene, Shot, Take
from studio.scenes import services as scene_services
from studio.stories import services as story_services
from tests.browser.site import ROOT

ART = ROOT / "static/art"
PROMPTS = (
    "@Aki walks to the sea", "The sea at night, seen from the cliff", "A lighthouse in the fog", "@Aki turns",
    "A dog waits by the gate", "The last train leaves", "Snow on the platform",
    "A scene of a provider without a connection", "A scene without a price",
)  # fmt: skip
REFUSAL = "The provider doesn’t support this picture: it shows a celebrity. Nothing was charged."


def create_scene_in_every_state(home, user, job, film) -> tuple[list[str], list[str]]:
    """Create a story with a scene in every state. Returns the paths of its pages, and of the quotes before drawing,
    which a viewer may not open. ``job`` and ``film`` create rows as seed.py does."""
    story = story_services.create_story(workspace=home, by=user, title="Every state", provider="runway")
    aki = _create_character(home, user, story)
    transition = {"join_kind": "crossfade", "join_frames": 12}
    scenes = [scene_services.add_scene(story=story, by=user, prompt=prompt, **transition) for prompt in PROMPTS]
    _create_takes(scenes, job)
    _connect_providers(home, user, story, scenes)
    Character.objects.filter(pk=aki.pk).update(looks_changed_at=timezone.now())
    music = _create_music(home, job, "ready", "Cicadas and strings")
    FilmSettings.objects.create(story=story, title_text="Every state", end_text="The end", music=music)
    new_film, old_film = (film(story, user, n, "ready") for n in (1, 2))
    scene_services.add_scene(story=story, by=user, prompt="A deleted scene")
    deleted = _delete_one_of_each(story, user, old_film)
    _add_viewer(home, user)
    pages = [reverse(f"studio:{name}", args=[story.pk]) for name in ("story", "film", "story_characters", "director")]
    pages += [reverse("studio:scene", args=[scene.pk]) for scene in scenes[:6]]
    pages += [reverse("studio:character", args=[aki.pk]), new_film.get_absolute_url(), *deleted]
    return pages, _quote_paths(story, aki)


def add_running_scenes(story, user, job) -> None:
    """Add a running scene, a queued one, and music that cannot be read."""
    home = story.workspace
    scenes = [scene_services.add_scene(story=story, by=user, prompt=prompt) for prompt in PROMPTS[1:3]]
    _create_take(scenes[0], job, "", state="running")
    run = Run.objects.create(story=story, job=job(home, None, "run", "running"))
    Shot.objects.create(run=run, scene=scenes[1], n=1)
    FilmSettings.objects.create(story=story, music=_create_music(home, job, "failed", "A photo, not a song"))


def _create_character(home, user, story) -> Character:
    aki = character_services.add_character(
        workspace=home, story=story, by=user, name="Aki", kind="person", colours=["#c92c18", "#1d58bd"],
        description="Twelve years old, a yellow raincoat, short black hair",
    )  # fmt: skip
    character_services.add_character(workspace=home, story=story, by=user, name="The cliff", kind="place")
    for name, role in (("sakura", "face"), ("torii", "body")):
        with (ART / f"{name}.webp").open("rb") as file:
            picture = uploads.save_picture(File(file), workspace=home, by=user)
        character_services.add_character_picture(character=aki, picture=picture, role=role, by=user)
    return aki


def _create_takes(scenes, job) -> None:
    """Give scenes these states: final, failed, refused, out of date, animatic and locked, take deleted, older prompt.
    The last two get nothing."""
    final, failed, refused, stale, animatic, lost, older = scenes[:7]
    for scene in (final, failed, animatic, lost):
        _create_take(scene, job, "torii", purpose=Take.Purpose.ANIMATIC)
    _create_take(final, job, "hill", state="failed")
    _choose(_create_take(final, job, "moontrain"))
    _create_take(failed, job, "", state="failed")
    run = Run.objects.create(story=refused.story, job=job(refused.story.workspace, None, "run", "ready"))
    Shot.objects.create(run=run, scene=refused, n=1, state=Shot.State.FAILED, reason_text=REFUSAL)
    _choose(_create_take(stale, job, "sakura", stale_since=timezone.now(), stale_characters="Aki"))
    Scene.objects.filter(pk=animatic.pk).update(is_locked=True)
    _choose(take := _create_take(lost, job, "snow"))
    Clip.objects.filter(pk=take.clip_id).update(deleted_at=timezone.now())
    _choose(_create_take(older, job, "snow", recipe="another"))


def _create_take(scene, job, art: str, *, state="ready", purpose=Take.Purpose.FINAL, **more) -> Take:
    home = scene.story.workspace
    clip = Clip.objects.create(
        workspace=home, job=job(home, None, "clip", state), title=scene.prompt, prompt=scene.prompt, seed=1, frames=120,
        width=1280, height=720, provider="animatic" if purpose == Take.Purpose.ANIMATIC else "runway",
        ready_at=timezone.now() if state == "ready" else None,
    )  # fmt: skip
    if state == "ready":
        stored = storage.store_file(Path(ART / f"{art}.webp"), build_file_key(clip, ClipFile.Kind.POSTER))
        fields = {
            "key": stored.key,
            "content_type": stored.content_type,
            "sha256": stored.sha256,
            "bytes": stored.bytes,
        }
        ClipFile.objects.create(clip=clip, kind=ClipFile.Kind.POSTER, **fields)
    return Take.objects.create(scene=scene, clip=clip, purpose=purpose, **more)


def _choose(take: Take) -> None:
    Scene.objects.filter(pk=take.scene_id).update(chosen=take)


def _connect_providers(home, user, story, scenes) -> None:
    """Connect Runway and Ark, but not Kling; set a limit below the total price."""
    for provider in ("runway", "ark"):
        secret = {"keys": {"api_key": "invalid-key"}}
        connection_services.add_connection(by=user, provider=provider, label=provider, owner=user, secret=secret)
    for scene, provider in zip(scenes[-2:], ("kling", "ark"), strict=True):
        Scene.objects.filter(pk=scene.pk).update(provider=provider)
    grants.set_limit(home, 100_000, by=user)


def _create_music(home, job, state: str, title: str) -> Music:
    ready = timezone.now() if state == "ready" else None
    music_job = job(home, None, "music", state)
    return Music.objects.create(
        workspace=home, job=music_job, title=title, sha256=uuid.uuid4().hex, seconds=42, bytes=1000, ready_at=ready
    )


def _delete_one_of_each(story, user, film) -> list[str]:
    """Delete a scene, a character and a film; return their paths."""
    scene = story.scenes.shown().in_order().last()
    character = character_services.add_character(
        workspace=story.workspace, story=story, by=user, name="Old Tom", kind="person"
    )
    scene_services.delete_scene(scene=scene, by=user)
    character_services.delete_character(character=character, by=user)
    film_services.delete_film(film=film, by=user)
    pages = [reverse("studio:scene", args=[scene.pk]), reverse("studio:character", args=[character.pk])]
    return [*pages, film.get_absolute_url()]


def _add_viewer(home, user) -> None:
    """Make the user with the email address ``viewer-<email of the user>`` a viewer of the workspace."""
    for viewer in User.objects.filter(email=f"viewer-{user.email}"):
        Membership.objects.create(workspace=home, user=viewer, role="viewer")


def _quote_paths(story, aki) -> list[str]:
    """Return the paths of quotes: above the balance, below a cap, one scene, the scenes of a character, failed ones."""
    draw = reverse("studio:draw", args=[story.pk])
    first_scene = story.scenes.shown().in_order().first().pk
    return [
        f"{draw}?which=all", f"{draw}?which=all&mode=coherent&cap_USD=1", f"{draw}?which=one&scene={first_scene}",
        f"{draw}?which=stale&character={aki.pk}", f"{draw}?which=failed",
    ]  # fmt: skip
