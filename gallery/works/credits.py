"""What becomes visible with a work: providers, characters and music, as they are when it is published."""

import uuid

from django.utils.translation import gettext as _

from gallery.models import Profile, get_public_name
from generation.models import EFFECTS, Clip
from generation.offers.provider_labels import get_provider_label
from generation.providers.registry import clip_providers
from studio.models import Character, Film

MAX_NAMES = 20


def get_author_name(row) -> str:
    """Return the public name of the author of a work or playlist, or of a profile; that of a team for its workspace.

    Needs ``workspace__home_of`` and ``workspace__profile``.
    """
    owner = row.workspace.home_of
    profile = row if isinstance(row, Profile) else getattr(row.workspace, "profile", None)
    return get_public_name(owner, profile) if owner else row.workspace.name


def get_author_profile(work) -> Profile | None:
    """Return the profile of the work's author, or None; needs ``workspace__profile``."""
    return getattr(work.workspace, "profile", None)


def collect_credits(source) -> dict:
    """Return the credits of a clip, a film or a story template, as a work keeps them."""
    if isinstance(source, Clip):
        return {"providers": _list_providers([source]), "is_upload": source.is_upload}
    if isinstance(source, Film):
        return {
            "providers": _list_providers(list_clips(source)),
            "characters": list_characters(source),
            "music": _describe_music(source),
        }
    return {}


def list_clips(film: Film) -> list[Clip]:
    """Return the clips that a film was merged from, as far as they still exist."""
    ids = [uuid.UUID(piece["clip"]) for piece in film.plan["pieces"] if piece.get("clip")]
    return list(Clip.objects.filter(pk__in=ids, workspace=film.story.workspace_id))


def _list_providers(clips) -> list[str]:
    """Return the slugs of the providers that drew the clips, those below the effects included."""
    names = {name for clip in clips for name in (clip.source_provider, clip.provider) if name}
    return sorted(names - {EFFECTS} or names)


def list_characters(film: Film) -> list[str]:
    """Return the names of the characters of the film's story."""
    rows = Character.objects.filter(story=film.story_id, deleted_at=None).order_by("name")
    return list(rows.values_list("name", flat=True)[:MAX_NAMES])


def has_uploaded_music(source) -> bool:
    return isinstance(source, Film) and bool((source.plan.get("music") or {}).get("id"))


def has_uploaded_pictures(source) -> bool:
    """Return whether pictures or videos that somebody uploaded can be seen in the clip or film."""
    clips = [source] if isinstance(source, Clip) else list_clips(source) if isinstance(source, Film) else []
    return (
        any(clip.picture_id or clip.last_picture_id or clip.video_id or clip.is_upload for clip in clips)
        or Clip.objects.filter(pk__in=[clip.pk for clip in clips], references__isnull=False).exists()
    )


def _describe_music(film: Film) -> dict:
    music = film.plan.get("music") or {}
    return {"mood": music["mood"]} if music.get("mood") else {"title": music["title"]} if music.get("title") else {}


def get_provider_names(work) -> list[str]:
    """Return the labels of the providers that drew the work."""
    slugs = work.credits.get("providers", [])
    return [_("Uploaded video") if slug == EFFECTS else get_provider_label(slug) or slug for slug in slugs]


def is_made_by_models(work) -> bool:
    """Return whether a generative model made pictures of the work: everything except animatics and plain uploads."""
    slugs = set(work.credits.get("providers", [])) - {EFFECTS}
    engines = clip_providers()
    return any(slug not in engines or not engines[slug].is_local for slug in slugs)
