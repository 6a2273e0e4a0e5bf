"""Checks of what this app depends on, for the health page. Each returns the problem, or an empty string."""

from django.utils.translation import gettext as _

from generation.animatic.fonts import can_write
from generation.media import ffmpeg, storage


def check_storage() -> str:
    """Return why storage cannot be used, found by looking up a file that does not exist."""
    try:
        storage.get_size("health/check.mp4")
    except OSError as error:
        return str(error)
    except Exception as error:
        if not storage.find_transient_reason(error):
            raise
        return str(error)
    return ""


def check_ffmpeg() -> str:
    try:
        ffmpeg.find_binary()
    except RuntimeError as error:
        return str(error)
    return ""


def check_fonts() -> str:
    """Return a problem if no font of this machine has Chinese and Japanese letters for title cards."""
    return "" if can_write("中文かな") else _("no font has Chinese and Japanese letters; install fonts-noto-cjk")
