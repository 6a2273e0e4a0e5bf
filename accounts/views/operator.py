"""The operators' pages of people: search, state, what they use, suspension, roles."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services, staff_roles
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
        "may_give_roles": request.user.has_perm(staff_roles.GIVE),
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
    users = User.objects.filter(condition).prefetch_related("groups")
    rows = users.annotate(seen_at=Subquery(sessions.values("last_seen_at")[:1]))
    return rows.filter(Q(email__icontains=text) | Q(name__icontains=text)) if text else rows


@dataclass(frozen=True)
class Person:
    """A user for the operators' list. ``figures``: see AppHooks.user_figures; ``look`` and ``state``: of the tag;
    ``lacks_factor``: their roles take no effect before they have two-factor authentication."""

    user: Any
    figures: Counter
    can_suspend: bool
    lacks_factor: bool
    look: str
    state: str


def _build_people(users: list[User], by: User) -> list[Person]:
    figures: dict = {user.pk: Counter() for user in users}
    for count in AccountHooks.values_of("user_figures"):
        for pk, found in count(users).items():
            figures[pk].update(found)
    may_change = by.has_perm("accounts.change_user")
    lacking = staff_roles.find_without_second_factor(users)
    return [
        Person(
            user,
            figures[user.pk],
            may_change and services.can_suspend(user, by),
            user.pk in lacking,
            *_describe_state(user),
        )
        for user in users
    ]


def _describe_state(user: User) -> tuple[str, str]:
    if user.closing_at:
        return "off", _("Being erased")
    if not user.is_active:
        return "fail", _("Suspended")
    if user.is_staff:
        roles = " · ".join(str(role.label) for role in staff_roles.list_roles(user))
        return "film", roles or _("Administrator")
    return "done", _("Active account")


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


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"),
        required=False,
        choices=staff_roles.describe_choices,
        widget=forms.CheckboxSelectMultiple,
    )

    def read_roles(self) -> set[staff_roles.StaffRole]:
        return {staff_roles.StaffRole(name) for name in self.cleaned_data["roles"]}


@require_http_methods(["GET", "HEAD", "POST"])
@operator_page(staff_roles.GIVE)
def roles(request, pk):
    """Show the roles of a user and change them."""
    user = get_object_or_404(User, pk=pk)
    before = {"roles": staff_roles.list_roles(user)}
    form = RolesForm(request.POST if request.method == "POST" else None, initial=before)
    if form.is_valid():
        try:
            staff_roles.change_roles(user, form.read_roles(), by=request.user)
        except staff_roles.RoleRefused as refusal:
            form.add_error("roles", str(refusal))
        else:
            messages.success(request, _("The roles were saved."))
            return redirect("operator:people")
    context = {"person": user, "form": form, "needs_factor": not settings.IS_EMBEDDED and not is_mfa_enabled(user)}
    return render(request, "operator/roles.html", context, status=422 if form.errors else 200)
