"""Find clips whose files are gone from storage, and report them to their users and to administrators."""

import logging
from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import ngettext

from generation.media import storage
from generation.models import Clip, ClipFile

log = logging.getLogger(__name__)


def is_in_storage(clip: Clip, file: ClipFile) -> bool:
    """Return whether storage has a file of the clip, and record on the clip when the file is missing or back.

    Returns True while storage does not respond: the browser then shows its own error.
    """
    try:
        is_missing = storage.get_size(file.key) is None
    except Exception as error:
        if not storage.find_transient_reason(error):
            raise
        return True
    if is_missing and not clip.files_missing_at:
        log.error("clip %s: file %s is missing in storage", clip.pk, file.key)
        _record(clip, timezone.now())
    elif not is_missing and clip.files_missing_at:
        _record(clip, None)
    return not is_missing


def report_clips() -> Iterator[str]:
    """Yield a sentence for the health page if clips lost their files."""
    if count := Clip.objects.shown().exclude(files_missing_at=None).count():
        yield ngettext(
            "The files of %(count)d clip are missing in storage. Restore the bucket from a backup.",
            "The files of %(count)d clips are missing in storage. Restore the bucket from a backup.",
            count,
        ) % {"count": count}


def _record(clip: Clip, moment) -> None:
    clip.files_missing_at = moment
    clip.save(update_fields=["files_missing_at"])
