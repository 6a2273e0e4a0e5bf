"""Refusals of lower floors, in words for people and in answer codes."""

from django.utils.translation import gettext_lazy as _

from accounts.billing.ledger import NotEnough
from jobs.services import JobRefused, KeyReused, TooManyJobs

REFUSALS = (JobRefused, NotEnough)
STATUS = {KeyReused: 409, TooManyJobs: 429, NotEnough: 402}
PICTURE_STATUS = {"too_many_bytes": 413, "not_a_picture": 415}

PICTURE_WORDS = {
    "empty": _("The file is empty. Choose another picture."),
    "not_a_picture": _("This is not a JPEG, PNG or WebP picture. Save it as one of these and try again."),
    "too_many_bytes": _("The picture is larger than 20 MB. Save it smaller and try again."),
    "too_many_pixels": _("The picture has more than 40 million pixels. Make it smaller and try again."),
    "too_small": _("The picture is too small: each side needs at least 64 pixels."),
    "too_large": _("The picture is too long: each side may have at most 8,192 pixels."),
    "damaged": _("The picture is damaged and cannot be read. Save it again and try once more."),
    "too_costly": _("The picture took too long to read. Save it as a plain JPEG or PNG and try again."),
    "crop": _("The part you chose lies outside the picture. Draw it again."),
    "crop_too_small": _("The part you chose is too small: each side needs at least 64 pixels."),
}
MEDIA_WORDS = {
    "black": _("The clip came out black from beginning to end, so it was not kept. Nothing was charged. Try again."),
    "frozen": _("Nothing moved in the clip, so it was not kept. Nothing was charged. Try again."),
    "frames": _("The clip came out shorter or longer than asked, so it was not kept. Nothing was charged. Try again."),
    "undecodable": _("The clip could not be played to its end, so it was not kept. Nothing was charged. Try again."),
}
BAD_MEDIA = _("The clip's file was not a film that can be played, so it was not kept. Nothing was charged. Try again.")


VIDEO_STATUS = {"too_many_bytes": 413, "not_a_video": 415, "no_room": 409}
VIDEO_WORDS = {
    "missing": _("Choose a video first."),
    "empty": _("The file is empty. Choose another video."),
    "not_a_video": _("This is not an MP4, MOV or WebM video. Save it as one of these and try again."),
    "too_many_bytes": _("The video is larger than 200 MB. Save it smaller and try again."),
    "too_long": _("The video is longer than 60 seconds. Cut it and try again."),
    "too_large": _("The picture of the video is too large. Save it in 1080p and try again."),
    "too_small": _("The picture of the video is too small: each side needs at least 16 pixels."),
    "codec": _("The video is in a format this studio does not read. Save it as H.264 and try again."),
    "cut_off": _("The video is not complete: its end is missing. Copy it again."),
    "no_picture": _("There is no picture in this file. Choose a video."),
    "damaged": _("The video is damaged and cannot be read. Save it again and try once more."),
    "too_many_frames": _("The video has more frames than its length allows. Save it again and try once more."),
    "too_costly": _("The video took too long to read. Save it as a plain MP4 and try again."),
    "no_room": _("The videos of this workspace fill their 5 GB. Those without a clip are removed after two days."),
    "gone": _("This video is not here any more. Choose another."),
}


def status_of(refusal: Exception) -> int:
    """The HTTP status of a refused request that changed nothing."""
    return STATUS.get(type(refusal), 409)


def picture_status(refusal) -> int:
    return PICTURE_STATUS.get(refusal.code, 422)


def picture_words(refusal) -> str:
    return str(PICTURE_WORDS.get(refusal.code, PICTURE_WORDS["damaged"]))


def media_words(refusal) -> str:
    return str(MEDIA_WORDS.get(refusal.code, BAD_MEDIA))


def video_status(code: str) -> int:
    return VIDEO_STATUS.get(code, 422)


def video_words(code: str) -> str:
    return str(VIDEO_WORDS.get(code, VIDEO_WORDS["damaged"]))
