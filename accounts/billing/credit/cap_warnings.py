"""Warnings by mail when half, four fifths or all of a cap is used: one per cap, period and share."""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from accounts.billing.caps import LEVELS, CapUse, find_start, read_all_uses
from accounts.billing.models import Cap, CapWarning
from accounts.models import Role, User


def send_cap_warnings() -> int:
    """Send the warnings that are due, as a periodic task. Returns how many caps were warned about."""
    if not settings.BILLING:
        return 0
    count = 0
    for cap in Cap.objects.select_related("workspace").iterator():
        for use in read_all_uses(cap):
            count += use.level > 0 and _warn_once(use)
    return count


@transaction.atomic
def _warn_once(use: CapUse) -> bool:
    """Record the reached level and those below. Sends a mail only if this call inserted the highest of them."""
    start = find_start(use.cap.period) or use.cap.created_at
    starts_on = timezone.localtime(start).date()
    is_new = False
    for level in (level for level in LEVELS if level <= use.level):
        _row, is_new = CapWarning.objects.get_or_create(
            cap=use.cap, percent=level, subject_id=use.subject_id, starts_on=starts_on
        )
    if is_new and settings.HAS_MAIL:
        transaction.on_commit(lambda: _mail(use), robust=True)
    return is_new


def _mail(use: CapUse) -> None:
    link = settings.SITE_URL + reverse("accounts:caps")
    for user in _list_readers(use):
        with translation.override(user.language or settings.LANGUAGE_CODE):
            context = {"use": use, "currency": settings.SITE_CURRENCY, "link": link, "site_url": settings.SITE_URL}
            get_adapter().render_mail("accounts/email/cap", user.email, context).send()


def _list_readers(use: CapUse) -> list[User]:
    """Return the owners of the workspace, and the member whose cap it is."""
    people = User.objects.filter(is_active=True)
    owners = people.filter(memberships__workspace=use.cap.workspace_id, memberships__role=Role.OWNER)
    member = people.filter(pk=use.subject_id, memberships__workspace=use.cap.workspace_id)
    return list((owners | member).distinct() if use.cap.scope == Cap.Scope.MEMBER else owners)
