"""Profiles and their handles, the names in their addresses."""

import re
import secrets
from datetime import datetime, timedelta
from functools import cache

from django.db import IntegrityError, transaction
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import Workspace
from gallery.errors import HandleRefused
from gallery.models import FormerHandle, Profile
from gallery.models.profile import HANDLE_PATTERN

CHANGE_PERIOD = timedelta(days=30)
REDIRECT_PERIOD = timedelta(days=90)
# Names that could pass for the site itself. The first parts of the site's addresses are added to them.
RESERVED = frozenset({
    "about", "abuse", "admin", "administrator", "api", "app", "author", "blog", "contact", "everyone", "explore",
    "guest", "help", "home", "info", "legal", "mail", "me", "moderation", "moderator", "null", "official", "operator",
    "privacy", "root", "rules", "security", "staff", "static", "support", "system", "tapwari", "team", "terms",
    "undefined", "webmaster", "well_known", "www", "you",
})  # fmt: skip


def claim_handle(*, workspace: Workspace, handle: str, by) -> Profile:
    """Give the workspace a profile with this handle, or change the handle of its profile.

    A changed handle leads to the profile for 90 days, and nobody else can take it meanwhile. Raises HandleRefused,
    and changes nothing, for a handle that is malformed, reserved, taken, or changed again within 30 days.
    """
    name = check_handle(handle)
    try:
        with transaction.atomic():
            return _save_handle(workspace, name)
    except IntegrityError as error:
        raise _taken(name) from error


@transaction.atomic
def save_profile(*, workspace: Workspace, by, handle: str, bio: str, links: list[str], defaults: dict) -> Profile:
    """Create or change the workspace's profile. The texts were checked. Raises HandleRefused, and changes nothing."""
    profile = claim_handle(workspace=workspace, handle=handle, by=by)
    profile.bio, profile.links, profile.defaults = bio, links, defaults
    profile.save(update_fields=["bio", "links", "defaults"])
    return profile


def check_handle(handle: str) -> str:
    """Return the handle in lower case, without an @ before it. Raises HandleRefused if nobody may have it."""
    name = handle.strip().removeprefix("@")
    if not name.isascii() or not re.match(HANDLE_PATTERN, name.lower()):
        raise HandleRefused(_("A handle has 3 to 30 characters: letters a to z, digits and underscores."))
    name = name.lower()
    if name in _list_reserved():
        raise HandleRefused(_("The handle @%(handle)s is reserved. Choose another one.") % {"handle": name})
    return name


def ensure_profile(workspace: Workspace, *, by) -> Profile:
    """Return the workspace's profile. Creates one with a free handle, which can be changed at once, if it has none."""
    profile = Profile.objects.filter(workspace=workspace).first()
    while profile is None:
        try:
            profile = claim_handle(workspace=workspace, handle=suggest_handle(by), by=by)
        except HandleRefused:  # somebody took the suggested handle, or a tab created the profile, at the same moment
            profile = Profile.objects.filter(workspace=workspace).first()
    return profile


def suggest_handle(user) -> str:
    """Return a free handle made of the name that the user chose, never of their email address."""
    base = re.sub(r"[^a-z0-9]+", "_", user.name.lower()).strip("_")[:23]
    candidates = [base, *(f"{base}_{secrets.token_hex(2)}" for _attempt in range(3))] if len(base) >= 3 else []
    for name in candidates:
        if name not in _list_reserved() and not _is_taken(name):
            return name
    return f"artist_{secrets.token_hex(4)}"


def next_change(profile: Profile) -> datetime | None:
    """Return when the handle can be changed again; None if it can be now."""
    at = profile.handle_changed_at and profile.handle_changed_at + CHANGE_PERIOD
    return at if at and at > timezone.now() else None


def find_by_former_handle(handle: str) -> Profile | None:
    """Return the profile that had the handle within the last 90 days."""
    rows = FormerHandle.objects.filter(handle=handle, ends_at__gt=timezone.now())
    former = rows.select_related("profile__workspace__home_of").first()
    return former.profile if former else None


def _save_handle(workspace: Workspace, name: str) -> Profile:
    FormerHandle.objects.filter(handle=name, ends_at__lte=timezone.now()).delete()
    profile = Profile.objects.select_for_update().filter(workspace=workspace).first()
    if profile is None:
        profile = Profile.objects.create(workspace=workspace, handle=name)
    elif profile.handle != name:
        _change_handle(profile, name)
    # After the write: a handle that somebody gave up at the same moment belongs to them.
    if FormerHandle.objects.filter(handle=name).exclude(profile=profile).exists():
        raise _taken(name)
    return profile


def _change_handle(profile: Profile, name: str) -> None:
    if at := next_change(profile):
        message = _("A handle can be changed once in 30 days. You can change yours again on %(date)s.")
        raise HandleRefused(message % {"date": formats.date_format(timezone.localtime(at), "DATE_FORMAT")})
    if Profile.objects.filter(handle=name).exists():
        raise _taken(name)
    now = timezone.now()
    FormerHandle.objects.filter(handle=name, profile=profile).delete()
    FormerHandle.objects.create(handle=profile.handle, profile=profile, ends_at=now + REDIRECT_PERIOD)
    profile.handle, profile.handle_changed_at = name, now
    profile.save(update_fields=["handle", "handle_changed_at"])


def _is_taken(name: str) -> bool:
    former = FormerHandle.objects.filter(handle=name, ends_at__gt=timezone.now())
    return Profile.objects.filter(handle=name).exists() or former.exists()


def _taken(name: str) -> HandleRefused:
    return HandleRefused(_("The handle @%(handle)s is taken. Choose another one.") % {"handle": name})


@cache
def _list_reserved() -> frozenset[str]:
    """Return the reserved words and the first part of every address of the site."""
    return RESERVED | {part.replace("-", "_") for part in _list_first_parts(get_resolver().url_patterns) if part}


def _list_first_parts(patterns):
    for pattern in patterns:
        route = str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver) and not route:
            yield from _list_first_parts(pattern.url_patterns)
        elif isinstance(pattern, URLPattern | URLResolver):
            yield re.split(r"[/.<]", route, maxsplit=1)[0]
