"""What templates ask of a clip. Nothing here queries: views bring clips with their files (``with_files``)."""

from datetime import timedelta

from django import template

from common.templatetags.ui import listed
from generation.composer.providers_for_user import clip_byline, maker_name
from generation.media import storage
from generation.providers.adapters.local.options import EFFECTS
from generation.providers.styles import style_name
from jobs.maintenance import TRASH_DAYS

register = template.Library()


@register.filter
def file_url(clip, kind):
    """A signed link to one of the clip's files, or an empty string while it is not there."""
    file = clip.file(kind)
    return storage.create_link(file.key) if file else ""


@register.filter
def start_url(clip):
    """A signed link to the picture the shot starts from, or an empty string when it starts from words. One that lies in
    another workspace is not for all who see this clip."""
    return (
        storage.create_link(clip.picture.key) if clip.picture and clip.picture.workspace_id == clip.workspace_id else ""
    )


@register.filter
def clip_file(clip, kind):
    """The row of one of the clip's files, or None."""
    return clip.file(kind)


@register.filter
def byline(clip):
    """Who made it: "animatic, drawn by this studio", or the provider's name; beside it, whose the effects are."""
    return clip_byline(clip)


@register.filter
def engine_name(clip):
    return maker_name(clip)


@register.filter
def style_label(clip):
    return style_name(clip.style)


@register.filter
def effects_laid(clip):
    """What lies over its film: "Screentone, Iris out"."""
    chosen = clip.options.get("effects", ())
    return listed([label for name, label in EFFECTS.choices if name in chosen])


@register.filter
def removed_on(clip):
    """When a clip in the bin goes for good."""
    return clip.deleted_at + timedelta(days=TRASH_DAYS)


@register.filter
def took(job):
    """Seconds of work, or None while it goes on."""
    if not (job.started_at and job.finished_at) or job.was_reopened:
        return None
    return (job.finished_at - job.started_at).total_seconds()
