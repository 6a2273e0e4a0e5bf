"""What effects are laid over: a finished clip, whoever made it, or a video that somebody brought."""

from django.utils.translation import gettext as _

from generation.clip_spec import ClipSpec
from generation.media.mezzanine import MEZZANINE_FPS
from generation.models import EFFECTS, Clip, Video
from jobs.services import JobRefused

Film = Clip | Video


def effects_spec(film: Film, *, effects: list[str], title: str) -> ClipSpec:
    """Returns the spec of a clip that is this film with effects over it."""
    options = {"effects": effects} | ({"title": title} if title else {})
    made_by = {"provider": EFFECTS, "model": EFFECTS, "paint": True, "options": options}
    if isinstance(film, Clip):
        kept = ("prompt", "style", "ratio", "resolution", "seconds")
        return ClipSpec(**{name: getattr(film, name) for name in kept}, lays_over=film, **made_by)
    return ClipSpec(
        style="",
        seconds=min(60, max(1, round(film.seconds))),
        ratio=ratio_of(film),
        resolution=min(film.width, film.height),
        video=film,
        **made_by,
    )


def why_not(film: Film) -> str:
    """Why no effects can be laid over it now, in words; empty when they can."""
    if isinstance(film, Clip) and film.deleted_at:
        return _("This clip is in the trash. Restore it first. Nothing was started.")
    if film.is_ready:
        return ""
    if film.job and film.job.is_active:
        return _("This clip is not finished yet. Wait until it can be played. Nothing was started.")
    if isinstance(film, Clip) and film.is_degraded:
        return _("This clip can only be downloaded, so effects cannot be applied to it. Nothing was started.")
    return _("This clip has no video, so effects cannot be applied to it. Nothing was started.")


def source_facts(spec: ClipSpec) -> dict:
    """Returns the columns that a clip has from the film below its effects. Raises JobRefused if that film cannot be
    used."""
    film = spec.lays_over or spec.video
    if film is None:
        raise JobRefused(_("The clip under these effects no longer exists. Nothing was started."))
    if words := why_not(film):
        raise JobRefused(words)
    facts = {name: getattr(film, name) for name in ("width", "height", "has_sound")}
    title = film.title if isinstance(film, Clip) else film.name
    facts |= {"title": title} if title else {}
    if isinstance(film, Clip):
        return facts | {"drawn_by": film.drawn_by if film.has_effects else film.provider, "frames": film.frames}
    return facts | {"drawn_by": "", "frames": round(film.seconds * MEZZANINE_FPS)}


def ratio_of(video: Video) -> str:
    """The ratio that comes nearest to its picture's; of one that was not looked at yet, the usual one."""

    def off(ratio: str) -> float:
        across, down = (int(part) for part in ratio.split(":"))
        share = video.width * down / (video.height * across)
        return max(share, 1 / share)

    return min(Clip.Ratio.values, key=off) if video.width and video.height else Clip.Ratio.WIDE
