"""The operators' page of people: search, state, what they use, suspension."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db.models import OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import services
from accounts.access import operator_page
from accounts.hooks import AccountHooks
from accounts.middleware import get_return_path
from accounts.models import User
from common.pagination import fetch_page
from common.web.htmx import render_target

PAGE_SIZE = 20
STATES = {
    "all": (gettext_lazy("All"), Q()),
    "suspended": (gettext_lazy("Suspended"), Q(is_active=False, closing_at=None)),
    "closed": (gettext_lazy("Being erased"), ~Q(closing_at=None)),
    "staff": (gettext_lazy("Administrators"), Q(is_staff=True)),
}


@require_safe
@operator_page("accounts.view_user")
def people(request):
    """List users by ``?q= &state= &after=``, the newest first."""
    state = request.GET.get("state") if request.GET.get("state") in STATES else "all"
    chosen = {"state": state, "q": request.GET.get("q", "")[:100].replace("\0", "")}
    rows = _find(chosen["q"], STATES[state][1])
    page = fetch_page(rows, request.GET.get("after", ""), PAGE_SIZE, order=("-date_joined", "-id"))
    context = {
        "people": _build_people(page.rows, request.user),
        "chosen": chosen,
        "chips": [
            {"label": label, "url": f"?{urlencode(chosen | {'state': name})}", "is_chosen": name == state}
            for name, (label, _condition) in STATES.items()
        ],
        "is_filtered": bool(chosen["q"]) or state != "all",
        "next": f"?{urlencode(chosen | {'after': page.after})}" if page.after else "",
    }
    return render_target(request, "operator/people.html", context, targets={"people": "people", "more": "more"})


def _find(text: str, condition: Q):
    sessions = UserSession.objects.filter(user=OuterRef("pk")).order_by("-last_seen_at")
    rows = User.objects.filter(condition).annotate(seen_at=Subquery(sessions.values("last_seen_at")[:1]))
    return rows.filter(Q(email__icontains=text) | Q(name__icontains=text)) if text else rows


@dataclass(frozen=True)
class Person:
    """A user for the operators' list. ``figures``: see AppHooks.user_figures; ``look`` and ``state``: of the tag."""

    user: Any
    figures: Counter
    can_suspend: bool
    look: str
    state: str


def _build_people(users: list[User], by: User) -> list[Person]:
    figures: dict = {user.pk: Counter() for user in users}
    for count in AccountHooks.values_of("user_figures"):
        for pk, found in count(users).items():
            figures[pk].update(found)
    may_change = by.has_perm("accounts.change_user")
    return [
        Person(user, figures[user.pk], may_change and services.can_suspend(user, by), *_describe_state(user))
        for user in users
    ]


def _describe_state(user: User) -> tuple[str, str]:
    if user.closing_at:
        return "off", _("Being erased")
    if not user.is_active:
        return "fail", _("Suspended")
    return ("film", _("Administrator")) if user.is_staff else ("done", _("Active account"))


@require_POST
@operator_page("accounts.change_user")
def suspend(request, pk):
    return _change(request, pk, services.suspend_user, _("Suspended and signed out. Their jobs and work stay."))


@require_POST
@operator_page("accounts.change_user")
def unsuspend(request, pk):
    return _change(request, pk, services.unsuspend_user, _("The suspension was lifted. They can sign in again."))


def _change(request, pk, service, message: str):
    user = get_object_or_404(User, pk=pk)
    try:
        service(user, by=request.user)
    except (services.SuspensionRefused, services.ErasureBegun) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, message)
    return redirect(get_return_path(request) or reverse("operator:people"))
