"""Effects over a finished clip or an uploaded video."""

from typing import Any

from django.utils.translation import gettext as _

from generation.clip_spec import ClipSpec
from generation.media.mezzanine import MEZZANINE_FPS
from generation.models import EFFECTS, Clip, Video
from jobs.services import JobRefused

Source = Clip | Video


def build_effects_spec(source: Source, *, effects: list[str], title: str) -> ClipSpec:
    """Return the spec of a clip that applies the effects to the source."""
    options: dict[str, Any] = {"effects": effects} | ({"title": title} if title else {})
    settings: dict[str, Any] = {"provider": EFFECTS, "model": EFFECTS, "paint": True, "options": options}
    if isinstance(source, Clip):
        names = ("prompt", "style", "ratio", "resolution", "seconds")
        return ClipSpec(**{name: getattr(source, name) for name in names}, effects_source=source, **settings)
    return ClipSpec(
        style="",
        seconds=min(60, max(1, round(source.seconds))),
        ratio=find_nearest_ratio(source),
        resolution=min(source.width, source.height),
        video=source,
        **settings,
    )


def explain_unusable(source: Source) -> str:
    """Return why effects cannot be applied now; an empty string if they can."""
    if isinstance(source, Clip) and source.deleted_at:
        return _("This clip is in the trash. Restore it first. Nothing was started.")
    if source.is_ready:
        return ""
    if source.job and source.job.is_active:
        return _("This clip is not finished yet. Wait until it can be played. Nothing was started.")
    if isinstance(source, Clip) and source.is_degraded:
        return _("This clip can only be downloaded, so effects cannot be applied to it. Nothing was started.")
    return _("This clip has no video, so effects cannot be applied to it. Nothing was started.")


def read_source_columns(spec: ClipSpec) -> dict:
    """Return the columns that a clip takes over from its source. Raises JobRefused if the source cannot be used."""
    source = spec.effects_source or spec.video
    if source is None:
        raise JobRefused(_("The clip under these effects no longer exists. Nothing was started."))
    if reason := explain_unusable(source):
        raise JobRefused(reason)
    facts = {name: getattr(source, name) for name in ("width", "height", "has_sound")}
    title = source.title if isinstance(source, Clip) else source.name
    facts |= {"title": title} if title else {}
    if isinstance(source, Clip):
        return facts | {
            "source_provider": source.source_provider if source.has_effects else source.provider,
            "frames": source.frames,
        }
    return facts | {"source_provider": "", "frames": round(source.seconds * MEZZANINE_FPS)}


def find_nearest_ratio(video: Video) -> str:
    """Return the ratio nearest to the video's; 16:9 for an unchecked video, whose size is unknown."""

    def compute_difference(ratio: str) -> float:
        across, down = (int(part) for part in ratio.split(":"))
        share = video.width * down / (video.height * across)
        return max(share, 1 / share)

    return min(Clip.Ratio.values, key=compute_difference) if video.width and video.height else Clip.Ratio.WIDE
