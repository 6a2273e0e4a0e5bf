"""The page of spending caps, which owners of a workspace change and its members read."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.billing.credit import caps
from accounts.billing.credit.forms import CapForm
from accounts.billing.models import Cap
from accounts.permissions import MANAGE, can


@require_http_methods(["GET", "HEAD", "POST"])
def list_caps(request):
    """List the caps; POST sets one. Without billing the page does not exist."""
    if not settings.BILLING:
        raise Http404
    may_change = can(request.viewer, MANAGE, request.workspace)
    if request.method == "POST" and not may_change:
        raise Http404
    form = CapForm(request.POST or None, workspace=request.workspace, viewer=request.viewer) if may_change else None
    if request.method == "POST" and form and form.is_valid():
        names = ("scope", "subject_id", "period", "amount")
        caps.set_cap(request.workspace, by=request.user, **{name: form.cleaned_data[name] for name in names})
        messages.success(request, _("The cap is set. Work that has started goes on."))
        return redirect("accounts:caps")
    context = {
        "rows": caps.list_rows(request.workspace, request.user, only_own=not may_change),
        "form": form,
        "currency": settings.SITE_CURRENCY,
    }
    return render(request, "accounts/caps.html", context, status=422 if form and form.errors else 200)


@require_POST
def remove_cap(request, pk):
    if not (settings.BILLING and can(request.viewer, MANAGE, request.workspace)):
        raise Http404
    caps.remove_cap(get_object_or_404(Cap, pk=pk, workspace=request.workspace), by=request.user)
    messages.success(request, _("The cap was removed."))
    return redirect("accounts:caps")
