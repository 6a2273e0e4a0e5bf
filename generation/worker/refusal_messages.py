"""A request that was refused for what it says: which part of the form it is about, and what the provider said of it."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.models import Clip
from generation.providers import redact
from generation.providers.errors import Fault, RemoteError, quoted_to_all, words_for

LABELS = {
    "prompt": gettext_lazy("Prompt"),
    "negative_prompt": gettext_lazy("Negative prompt"),
    "ratio": gettext_lazy("Aspect ratio"),
    "seconds": gettext_lazy("Length"),
    "resolution": gettext_lazy("Resolution"),
    "seed": gettext_lazy("Seed"),
    "model": gettext_lazy("Model"),
    "mode": gettext_lazy("Start from"),
    "picture": gettext_lazy("First frame"),
    "last_picture": gettext_lazy("Last frame"),
    "last_frame": gettext_lazy("Last frame"),
    "references": gettext_lazy("Reference images"),
    "video": gettext_lazy("Video"),
}
NAMED = {
    "negative_prompt": r"negative_?prompt",
    "prompt": r"(?:text_?)?prompt(?:_?text)?",
    "ratio": r"(?:aspect_?)?ratio",
    "seconds": r"duration|seconds|video_length|num_frames",
    "resolution": r"resolution|quality",
    "seed": r"seed",
    "last_picture": r"(?:last|end|tail)_(?:frame|image)\w*|image_tail",
    "references": r"reference_?(?:image|picture)s?\w*|subject_references?",
    "picture": r"(?:first_frame_|start_|input_|prompt_?)?image(?:_url)?|first_frame\w*|img_(?:url|id)|picture",
    "video": r"(?:input_)?video_url",
}
"""What providers call the parts of a request, where their refusal names one."""
WHOLE = {field: re.compile(rf"(?i)(?<![a-z_])(?:{names})(?![a-z_])") for field, names in NAMED.items()}


def words(error: RemoteError, provider: str) -> str:
    """What happened and what to change, for the person who asked; money is said apart (``money_words``)."""
    if error.words or error.fault != Fault.INVALID:
        return error.words or words_for(error.fault, provider)
    about, said = LABELS.get(error.field or _named(error), ""), quoted_to_all(error.detail)
    if not (about or said):
        return _("%(provider)s cannot process this request and does not say why. Change it and try again.") % {
            "provider": provider
        }
    told = [words_for(error.fault, provider)]
    if about:
        told.append(_("The problem is in “%(field)s”.") % {"field": about})
    if said:
        told.append(_("The provider’s message: “%(words)s”.") % {"words": said})
    return " ".join(told)


def strike(error: RemoteError, clip: Clip) -> None:
    """Out with the person's own words, before anybody else reads what the provider says of them. What was only chosen
    is nobody's words, and a refusal that names it is of no use without: no short value of an option is struck."""
    told = [each for each in (clip.options or {}).values() if isinstance(each, str) and redact.is_long(each)]
    error.strike(clip.prompt, clip.negative_prompt, *told)


def was_made(error: RemoteError) -> bool | None:
    """Whether what ends so was finished there: of what is gone, or is said to be done without a film, nobody knows."""
    return None if error.fault == Fault.LOST or error.code == "no_film" else False


def _named(error: RemoteError) -> str:
    """The one part of the form that the provider's own words name; empty where they name none, or several."""
    text = f"{error.code} {error.detail}"
    found = [field for field, names in WHOLE.items() if names.search(text)]
    return found[0] if len(found) == 1 else ""
