"""What the apps above contribute to accounts (common.hooks)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from common.hooks import Hooks


@dataclass(frozen=True)
class PersonalData:
    """One part of what the site keeps about a user.

    ``collect(user)`` returns JSON-ready values. ``erase(user, on_progress)`` deletes the part, calls ``on_progress()``
    after each deletion, and may be called again after a crash.
    """

    collect: Callable[[Any], dict]
    erase: Callable[[Any, Callable[[], None]], None]


@dataclass(frozen=True)
class SettingsLink:
    """A page in the menu of the settings.

    ``group``: "account", "workspace" or "payments". ``views``: beginnings of the names of the views that belong to the
    page; the first is the full name of the view that the link leads to.
    """

    group: str
    label: Any
    icon: str
    views: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AccountHooks(Hooks):
    """What one app contributes: personal data, guests, settings, and sentences of the audit log."""

    SHARED = frozenset({"role_permissions"})

    audit_sentences: Mapping[str, Any] = field(default_factory=dict)
    """Verb of the audit log → lazy text with %(who)s and %(target)s."""

    role_permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Role of administrators (accounts.staff_roles) → permissions of the admin, such as ``jobs.view_job``."""

    privacy_parts: Mapping[str, PersonalData] = field(default_factory=dict)
    """Name of the part, which is also that of its file in the export → PersonalData."""

    transfer_guest_work: Callable[[Any, Any, Any], None] | None = None
    """``(guest_workspace, workspace, user)`` moves a guest's rows, inside the transaction of the sign-up."""

    guest_page: Callable[[Any, Any], tuple[str, str] | None] | None = None
    """``(session, guest_workspace)`` returns the path of the page of what a guest made, and a sentence that it was
    kept, which are for after the sign-up; None if the guest made nothing of the app."""

    empty_workspace: Callable[[Any], None] | None = None
    """Delete all rows and files of a workspace; may be called again after a failure halfway."""

    stop_erasure: Callable[..., bool] | None = None
    """``(user, by=operator)`` prevents a user's erasure. Returns False, and changes nothing, if it has begun."""

    user_figures: Callable[[list], dict] | None = None
    """``(users)`` returns ``{user id: {"jobs": 3, "active_jobs": 1, "bytes": 2048}}`` (any of these keys) about their
    own workspaces, with one or two queries. Operators see the sums over all apps."""

    rebuild_avatar: Callable[..., bytes] | None = None
    """Return an upload as a square WebP. Raises accounts.avatars.AvatarRefused."""

    avatar_link: Callable[[str], str] | None = None
    """Return a short-lived signed URL of an object in the clip store."""

    settings_links: Callable[[Any, str], Iterable[SettingsLink]] | None = None
    """``(viewer, name of the current view)`` yields the app's pages in the menu of the settings."""


def name_permissions(verb: str, models: str) -> tuple[str, ...]:
    """Return the permissions of several models, which are separated by spaces."""
    return tuple(f"{verb}_{model}" for model in models.split())
