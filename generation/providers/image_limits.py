"""Check pictures against the limits of a model, and describe the limits on the form.

Pictures are checked when a clip is requested, before money is reserved, and again before the file is sent. Stored
pictures are JPEG, or PNG with transparency (``generation.media.picture``); frames of clips are PNG. Pictures of a kind
that a model does not accept are converted (``input_files.read_picture``), so the kind only matters if the provider
downloads the stored file.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.messages import Message, build_message
from generation.providers.base import Capability

KINDS = ("jpeg", "png", "webp")
"""Possible values of ``picture_kinds``; a conversion prefers the first one that the model accepts."""
NAMES = {"jpeg": "JPEG", "png": "PNG", "webp": "WebP"}


@dataclass(frozen=True)
class Violation:
    """The reason why a model does not accept a picture: ``message`` for the user, ``detail`` for the log."""

    code: str
    detail: str
    message: Message


def find_violation(
    capability: Capability, *, width: int, height: int, size: int = 0, kind: str = ""
) -> Violation | None:
    """Return the first limit that the picture violates, or None.

    ``width`` and ``height``: pixels. ``size``: bytes, 0 if unknown. ``kind``: one of KINDS, or "" if the picture can be
    converted.
    """
    model = capability.label
    if size > capability.picture_bytes:
        megabytes = capability.picture_bytes // 1_000_000
        message = build_message("picture_too_large", model=model, n=megabytes)
        return Violation("picture_too_large", f"a picture may have {megabytes} MB", message)
    if kind and capability.picture_kinds and kind not in capability.picture_kinds:
        kinds = format_kinds(capability)
        message = build_message("picture_kind", model=model, kinds=kinds)
        return Violation("picture_kind", f"{kind} is not among {kinds}", message)
    return _against_sides(capability, min(width, height), max(width, height))


def _against_sides(capability: Capability, shorter: int, longer: int) -> Violation | None:
    least, most, shape = capability.picture_least, capability.picture_most, capability.picture_shape
    model = capability.label
    if shorter < least:
        message = build_message("picture_too_small", model=model, n=least)
        return Violation("picture_too_small", f"the shorter side needs {least} pixels", message)
    if most and longer > most:
        message = build_message("picture_too_long", model=model, n=most)
        return Violation("picture_too_long", f"the longer side may have {most} pixels", message)
    if shape and longer > shape * shorter:
        message = build_message("picture_shape", model=model, n=f"{shape:g}")
        return Violation("picture_shape", f"at most 1:{shape:g} to {shape:g}:1", message)
    return None


def format_kinds(capability: Capability) -> str:
    return ", ".join(NAMES[kind] for kind in KINDS if kind in capability.picture_kinds)


def describe_limits(capability: Capability) -> list[str]:
    """Return the limits on size and shape as short texts for the form; none if only the file size is limited."""
    sentences = []
    if capability.picture_least:
        sentences.append(_("shorter side at least %(n)s pixels") % {"n": capability.picture_least})
    if capability.picture_most:
        sentences.append(_("longer side at most %(n)s pixels") % {"n": capability.picture_most})
    if capability.picture_shape:
        sentences.append(_("from 1:%(n)s to %(n)s:1") % {"n": f"{capability.picture_shape:g}"})
    megabytes = capability.picture_bytes // 1_000_000
    return [*sentences, _("at most %(n)s MB") % {"n": megabytes}] if sentences else sentences
