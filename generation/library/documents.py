"""What can be found of a clip: title, prompt, story, characters, and the names of style and provider."""

from collections.abc import Sequence
from functools import cache
from uuid import UUID

from django.db.models.signals import post_delete, post_save
from django.utils import translation

from common.search.changes import is_indexed, rows_changed
from common.search.index import Description, SearchIndex, schedule
from generation.hooks import ClipHooks
from generation.models import Clip
from generation.providers.registry import clip_providers, connectable_providers
from generation.providers.styles import NAMES

LANGUAGES = ("en", "zh-hans")
FACTS = ("pk", "workspace_id", "title", "prompt", "style", "provider", "source_provider")


def describe_clips(ids: Sequence[UUID]) -> dict[UUID, Description]:
    texts: dict[UUID, list[str]] = {}
    for find_texts in ClipHooks.values_of("clip_search_texts"):
        for pk, found in find_texts(ids).items():
            texts.setdefault(pk, []).extend(found)
    return {
        pk: describe(*facts, texts=texts.get(pk, ()))
        for pk, *facts in Clip.objects.filter(pk__in=ids).values_list(*FACTS)
    }


def describe(
    workspace: UUID, title: str, prompt: str, style: str, *slugs: str, texts: Sequence[str] = ()
) -> Description:
    """Describe a clip. ``slugs``: of its providers. ``texts``: what other apps say of it."""
    return Description(workspace, [title, prompt, *texts, *name_style(style), *name_providers(*slugs)])


CLIP_INDEX = SearchIndex(rows=Clip.objects.all, describe=describe_clips)


@cache
def name_style(slug: str) -> tuple[str, ...]:
    """Return the names of a style in both languages."""
    return _read_in_languages(lambda: str(NAMES.get(slug, slug)))


@cache
def name_providers(*slugs: str) -> tuple[str, ...]:
    """Return the names of these providers in both languages, each once."""
    names = [name for slug in slugs if slug for name in _read_in_languages(lambda slug=slug: _name_provider(slug))]
    return tuple(dict.fromkeys(names))


def _name_provider(slug: str) -> str:
    engine = (clip_providers() | connectable_providers()).get(slug)
    return str(engine.label) if engine else slug


def _read_in_languages(read) -> tuple[str, ...]:
    texts: dict[str, None] = {}
    for language in LANGUAGES:
        with translation.override(language):
            texts[read()] = None
    return tuple(texts)


def index_saved_clip(sender, instance, update_fields=None, **more) -> None:
    if is_indexed(Clip, update_fields):
        schedule("clip", [instance.pk])


def index_deleted_clip(sender, instance, **more) -> None:
    schedule("clip", [instance.pk])


def index_changed_clips(sender, keys, **more) -> None:
    schedule("clip", keys)


def connect() -> None:
    """Index clips whenever they change."""
    post_save.connect(index_saved_clip, sender=Clip, dispatch_uid="generation.search")
    post_delete.connect(index_deleted_clip, sender=Clip, dispatch_uid="generation.search")
    rows_changed.connect(index_changed_clips, sender=Clip, dispatch_uid="generation.search")
