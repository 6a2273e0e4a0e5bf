"""Let one network raise the score of a work by one like a day. Its address is kept in the cache only, as a digest."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from accounts.viewer import Viewer
from common.cache import ask
from gallery.access import Opening
from gallery.models import Work


def may_count(viewer: Viewer, work: Work, network: str) -> bool:
    """Return whether a like of this user may raise the work's score: on a public site, that of the first user of a
    network on this day, and none while the cache is away. ``network``: "" if the proxy sent no valid address."""
    if settings.GALLERY != Opening.PUBLIC:
        return True
    return bool(network) and ask(lambda: _is_first_user(viewer, work, network), default=False)


def _is_first_user(viewer: Viewer, work: Work, network: str) -> bool:
    """Return whether no other user of the network liked the work today."""
    seconds = seconds_until_midnight()
    digest = hmac.new(get_salt(seconds), f"{work.code} {network}".encode(), hashlib.sha256).hexdigest()
    return cache.get_or_set(f"gallery-like:{digest}", str(viewer.pk), timeout=seconds) == str(viewer.pk)


def get_salt(seconds: int) -> bytes:
    """Return the salt of the day, which exists nowhere but in the cache."""
    name = f"gallery-plays:{timezone.now():%Y-%m-%d}"
    return bytes.fromhex(cache.get_or_set(name, lambda: secrets.token_hex(32), timeout=seconds))


def seconds_until_midnight() -> int:
    now = timezone.now()
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, int((midnight - now).total_seconds()))
