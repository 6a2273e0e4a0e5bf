"""Messages and HTTP statuses for refused requests."""

from django.utils.translation import gettext_lazy as _

from accounts.billing.refusals import BillingRefusal
from common.messages import Message, build_message, join_messages
from jobs.services import JobRefused, KeyReused, TooManyJobs


class PicturesUnfit(JobRefused):
    """``reasons`` are (field, sentence) of each picture that the model does not accept."""

    def __init__(self, reasons: list[tuple[str, str]]):
        super().__init__(join_messages(reasons[0][1], build_message("not_started")))
        self.reasons = reasons


class CapRequired(JobRefused):
    """Nobody has agreed yet to the most that one request to the model may cost."""

    def __init__(self):
        super().__init__(_("The price is not known. Enter the most that one request may cost."))


REFUSALS = (JobRefused, BillingRefusal)
STATUS = {KeyReused: 409, TooManyJobs: 429, PicturesUnfit: 422, CapRequired: 422}
PICTURE_STATUS = {"too_many_bytes": 413, "not_a_picture": 415, "busy": 503}

PICTURE_MESSAGES = {
    "empty": _("The file is empty. Choose another image."),
    "not_a_picture": _(
        "This studio can’t read this file as an image. Choose a JPEG, PNG, WebP, HEIC, AVIF, GIF or TIFF image."
    ),
    "too_many_bytes": _("The image is larger than 20 MB. Save a smaller file and try again."),
    "too_many_pixels": _(
        "The image has too many pixels: a JPEG can have 220 million, a WebP 40 million, others 50 million. Make it "
        "smaller and try again."
    ),
    "too_small": _("The image is too small: each side needs at least 64 pixels."),
    "too_narrow": _("The image is too narrow: one side is more than 32 times as long as the other. Crop it first."),
    "damaged": _("The image is damaged and cannot be read. Save it again and try once more."),
    "busy": _("Many images are being uploaded right now. Nothing was stored. Wait a moment and try again."),
    "too_costly": _("The image took too long to read. Save it as a standard JPEG or PNG and try again."),
    "too_much_memory": _(
        "The image needs more memory to read than this studio has. Nothing was stored. Make it smaller, or save it as "
        "a standard (not progressive) JPEG, and try again."
    ),
    "crop": _("The selected area is outside the image. Select it again."),
    "crop_too_small": _("The selected area is too small: each side needs at least 64 pixels."),
    "together": _("Together the images are larger than 20 MB. Remove one, or choose smaller files."),
    "not_stored": _("The image was not stored. Choose it again, or remove it."),
}
MEDIA_MESSAGES = {
    "black": _("The clip is completely black, so it was not kept. Nothing was charged. Try again."),
    "frozen": _("Nothing moves in the clip, so it was not kept. Nothing was charged. Try again."),
    "frames": _("The clip is shorter or longer than requested, so it was not kept. Nothing was charged. Try again."),
    "undecodable": _("The clip cannot be played to the end, so it was not kept. Nothing was charged. Try again."),
}
UNPLAYABLE = _("The clip’s file is not a playable video, so it was not kept. Nothing was charged. Try again.")


VIDEO_STATUS = {"too_many_bytes": 413, "not_a_video": 415, "no_room": 409}
VIDEO_MESSAGES = {
    "missing": _("Choose a video first."),
    "empty": _("The file is empty. Choose another video."),
    "not_a_video": _("This is not an MP4, MOV or WebM video. Save it in one of these formats and try again."),
    "too_many_bytes": _("The video is larger than 200 MB. Make it smaller and try again."),
    "too_long": _("The video is longer than 60 seconds. Trim it and try again."),
    "too_large": _("The resolution of the video is too high. Save it in 1080p and try again."),
    "too_small": _("The video is too small: each side needs at least 16 pixels."),
    "codec": _("This studio cannot read the format of this video. Save it as H.264 and try again."),
    "cut_off": _("The video is incomplete: its end is missing. Copy it again."),
    "no_picture": _("This file contains no video. Choose another file."),
    "damaged": _("The video is damaged and cannot be read. Save it again and try once more."),
    "too_many_frames": _("The video has more frames than its length allows. Export it again and try once more."),
    "too_costly": _("The video took too long to read. Save it as a standard MP4 and try again."),
    "no_room": _(
        "The videos of this workspace have reached the limit of 5 GB. Videos without a clip are removed after two days."
    ),
    "gone": _("This video no longer exists. Choose another."),
}


def status_of(refusal: Exception) -> int:
    """Return the HTTP status of a refused request that changed nothing."""
    return getattr(refusal, "status", None) or STATUS.get(type(refusal), 409)


def picture_status(refusal) -> int:
    return PICTURE_STATUS.get(refusal.code, 422)


def picture_message(refusal) -> str:
    return str(PICTURE_MESSAGES.get(refusal.code, PICTURE_MESSAGES["damaged"]))


def media_message(refusal) -> Message:
    return build_message(f"media_{refusal.code}" if refusal.code in MEDIA_MESSAGES else "unplayable")


def video_status(code: str) -> int:
    return VIDEO_STATUS.get(code, 422)


def video_message(code: str) -> Message:
    return build_message(f"video_{code if code in VIDEO_MESSAGES else 'damaged'}")
