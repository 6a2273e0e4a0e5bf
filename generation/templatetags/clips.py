"""Template filters for clips. They run no queries: views load the clips with ``with_files``."""

from datetime import timedelta

from django import template

from common.templatetags.ui import listed
from generation.media import storage
from generation.offers.provider_labels import get_clip_byline, get_clip_provider_label
from generation.providers.adapters.local.options import EFFECTS
from generation.providers.prompt import get_style_words
from generation.providers.styles import style_name
from jobs.maintenance import TRASH_DAYS

register = template.Library()


@register.filter
def file_url(clip, kind):
    """Return a signed link to one of the clip's files; an empty string if it does not exist."""
    file = clip.file(kind)
    return storage.create_link(file.key) if file else ""


@register.filter
def key_url(key: str) -> str:
    """Return a signed link to the file with that key; "" for no key."""
    return storage.create_link(key) if key else ""


@register.filter
def start_url(clip):
    """Return a signed link to the picture of a clip without a video: its frame while it is drawn, or the picture that
    it starts from; an empty string if there is none, or if it is in another workspace."""
    if sketch := sketch_url(clip, "sketch"):
        return sketch
    return (
        storage.create_link(clip.picture.key) if clip.picture and clip.picture.workspace_id == clip.workspace_id else ""
    )


@register.filter
def sketch_url(clip, kind):
    """Return a signed link to a file that exists while the clip is drawn; an empty string at other times."""
    return file_url(clip, kind) if clip.job.is_active else ""


@register.filter
def picture_url(picture):
    """Return a signed link to an uploaded picture."""
    return storage.create_link(picture.key)


@register.filter
def clip_file(clip, kind):
    """Return one of the clip's files, or None."""
    return clip.file(kind)


@register.filter
def byline(clip):
    return get_clip_byline(clip)


@register.filter
def clip_provider_label(clip):
    return get_clip_provider_label(clip)


@register.filter
def style_label(clip):
    return style_name(clip.style)


@register.filter
def style_words(clip) -> str:
    """Return the words for the style that were recorded with the clip; "" for those of the studio."""
    return get_style_words(clip.options)


@register.filter
def effect_labels(clip):
    """Return the labels of the applied effects: "Screentone, Iris out"."""
    chosen = clip.options.get("effects", ())
    return listed([label for name, label in EFFECTS.choices if name in chosen])


@register.filter
def removed_on(clip):
    """Return when a clip in the trash is deleted for good."""
    return clip.deleted_at + timedelta(days=TRASH_DAYS)


@register.filter
def generation_seconds(job):
    """Return the seconds from start to end of the job; None if it has not ended, or was reopened."""
    if not (job.started_at and job.finished_at) or job.was_reopened:
        return None
    return (job.finished_at - job.started_at).total_seconds()
