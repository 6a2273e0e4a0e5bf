"""The roles of administrators: named groups of the admin's permissions, and "all", which is Django's superuser.

Each app says what a role may do with its models (``AccountHooks.role_permissions``); ``migrate`` fills the groups. On a
hosted site a role opens nothing until its holder has two-factor authentication (``accounts.access.may_operate``).
"""

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import models, transaction
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.hooks import AccountHooks
from accounts.models import User

GIVE = "accounts.give_roles"  # in no role: Django grants it to superusers only


class StaffRole(models.TextChoices):
    MODERATOR = "moderator", _("Moderator")
    MONEY = "money", _("Money")
    OPERATOR = "operator", pgettext_lazy("role", "Operator")
    ALL = "all", _("All rights")


DESCRIPTIONS = {
    StaffRole.MODERATOR: _("Reports, first looks, comments and appeals of the gallery."),
    StaffRole.MONEY: _("Credit, payments, plans, exchange rates and figures."),
    StaffRole.OPERATOR: _("Jobs, people, providers and their prices, figures, health and the audit log."),
    StaffRole.ALL: _("Everything, including the roles of others."),
}


def describe_choices() -> list[tuple[str, str]]:
    """Return the roles as choices of a form, each with what it opens."""
    return [(role.value, f"{role.label} · {DESCRIPTIONS[role]}") for role in StaffRole]


class RoleRefused(Exception):
    """The roles cannot be changed like this. Nothing was changed; ``str()`` is for whoever tried."""


def create_roles(app_config, **_options) -> None:
    """Create the groups of the roles and add the permissions of an app's models. Runs after the app was migrated."""
    for permissions_of in AccountHooks.values_of("role_permissions"):
        for role, names in permissions_of.items():
            own = [name.partition(".")[2] for name in names if name.partition(".")[0] == app_config.label]
            if own:
                group, _created = Group.objects.get_or_create(name=StaffRole(role).value)
                group.permissions.add(
                    *Permission.objects.filter(content_type__app_label=app_config.label, codename__in=own)
                )


def list_roles(user: User) -> list[StaffRole]:
    """Return the roles of a user; prefetch ``groups`` for many."""
    names = {group.name for group in user.groups.all()} | ({StaffRole.ALL.value} if user.is_superuser else set())
    return [role for role in StaffRole if role.value in names]


def find_without_second_factor(users: list[User]) -> set[UUID]:
    """Return the ids of administrators whose roles open nothing yet: they lack two-factor authentication."""
    staff = {user.pk for user in users if user.is_staff}
    if settings.IS_EMBEDDED or not staff:
        return set()
    return staff - set(Authenticator.objects.filter(user__in=staff).values_list("user_id", flat=True))


def is_last_with_all_rights(user: User) -> bool:
    """Return whether the user holds all rights and no other active user does. Locks the rows of those who do."""
    holders = User.objects.select_for_update(of=("self",)).filter(is_superuser=True, is_active=True).order_by("pk")
    return [holder.pk for holder in holders] == [user.pk]


@transaction.atomic
def change_roles(user: User, roles: set[StaffRole], *, by: User | None) -> None:
    """Give a user exactly these roles. ``by``: who holds all rights, or None for the command line.

    Permissions that a user has otherwise stay. Raises RoleRefused.
    """
    if by is not None and not by.has_perm(GIVE):
        raise RoleRefused(gettext("Only whoever holds all rights can change roles. Nothing was changed."))
    before = set(list_roles(user))
    given, taken = roles - before, before - roles
    if StaffRole.ALL in taken and is_last_with_all_rights(user):
        raise RoleRefused(
            gettext("Nobody else here holds all rights. Give them to another person first. Nothing was changed.")
        )
    user.groups.add(*Group.objects.filter(name__in=given))
    user.groups.remove(*Group.objects.filter(name__in=taken))
    user.is_superuser = StaffRole.ALL in roles
    user.is_staff = user.is_superuser or user.groups.exists() or user.user_permissions.exists()
    user.save(update_fields=["is_superuser", "is_staff"])
    for role in sorted(given):
        audit.record(by=by, verb="role.given", target=user, role=role.value)
    for role in sorted(taken):
        audit.record(by=by, verb="role.taken", target=user, role=role.value)
