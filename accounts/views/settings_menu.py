"""The menu of the settings, with the pages of all apps."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.billing.plans.overview import has_limits
from accounts.hooks import AccountHooks, SettingsLink
from accounts.viewer import Viewer

GROUPS = {"account": _("Account"), "workspace": _("Workspace"), "payments": _("Plan and payments")}
ALLAUTH = ("account_", "mfa_", "usersessions_")


@dataclass(frozen=True)
class MenuItem:
    label: str
    icon: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Menu:
    """``groups``: (heading, items) of each group that has pages. ``current``: the item of this page, or None."""

    groups: list[tuple[str, list[MenuItem]]]
    current: MenuItem | None


def list_links(viewer: Viewer, view_name: str) -> Iterator[SettingsLink]:
    """Yield the pages of accounts."""
    yield SettingsLink("account", _("Profile"), "user", ("accounts:settings", "account_email"))
    yield SettingsLink("account", _("Appearance"), "sun-moon", ("accounts:appearance",))
    yield SettingsLink("account", _("Security"), "shield", ("accounts:security", *ALLAUTH))
    yield SettingsLink("account", _("Privacy"), "lock", ("accounts:privacy", "jobs:erase"))
    yield SettingsLink("workspace", _("Usage"), "chart-column", ("accounts:usage",))
    if has_limits() or view_name == "accounts:limits":
        yield SettingsLink("workspace", _("Limits"), "gauge", ("accounts:limits",))
    if settings.BILLING:
        yield SettingsLink("payments", _("Plan"), "layers", ("plans:plans",))
        yield SettingsLink("payments", pgettext_lazy("page", "Billing"), "coins", ("payments:purchases", "payments:"))
        yield SettingsLink("payments", _("Spending caps"), "circle-stop", ("accounts:caps",))


def build_menu(request) -> Menu:
    """Return the menu for this page of the settings."""
    here = request.resolver_match.view_name or ""
    found: dict[str, list[MenuItem]] = {group: [] for group in GROUPS}
    current = None
    for links in AccountHooks.values_of("settings_links"):
        for link in links(request.viewer, here):
            is_current = current is None and here.startswith(link.views)
            item = MenuItem(str(link.label), link.icon, reverse(link.views[0]), is_current)
            current = item if is_current else current
            found[link.group].append(item)
    return Menu([(str(GROUPS[group]), items) for group, items in found.items() if items], current)
