"""The page of what operators decided about one's works and comments, and appeals."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import EDIT, workspace_ids_with
from common.pagination import fetch_page
from gallery.access import gallery_member_page
from gallery.errors import ModerationRefused
from gallery.models import Profile
from gallery.moderation import appeals, statements
from gallery.moderation.decisions import find_sanctions
from gallery.moderation.forms import AppealForm

PAGE_SIZE = 20


@require_safe
@gallery_member_page
def decisions(request):
    """List the decisions that concern the user, with their appeals."""
    return _render(request)


@require_POST
@gallery_member_page
def appeal(request, decision):
    """File the one appeal against a decision."""
    found = get_object_or_404(statements.list_decisions(request.viewer), pk=decision)
    form = AppealForm(request.POST)
    if not form.is_valid():
        return _render(request, refused=(found.pk, form), status=422)
    try:
        appeals.appeal(found, by=request.user, text=form.cleaned_data["text"])
    except ModerationRefused as refusal:
        return render(request, "409.html", {"refusal": str(refusal)}, status=refusal.status)
    messages.success(request, _("Your appeal was sent. The answer will appear here."))
    return redirect("gallery:decisions")


def _render(request, refused: tuple = (None, None), status: int = 200):
    page = fetch_page(
        statements.list_decisions(request.viewer), request.GET.get("after", ""), PAGE_SIZE, order=("-created_at", "-id")
    )
    for row in page.rows:
        row.sentence = statements.describe(row)
        row.answered = appeals.get_appeal(row)
        if appeals.can_appeal(row):
            row.form = refused[1] if row.pk == refused[0] else AppealForm(auto_id=f"appeal-{row.pk}-%s")
    profiles = Profile.objects.filter(workspace__in=workspace_ids_with(request.viewer, EDIT))
    context = {
        "page": page,
        "sanctions": find_sanctions(profiles),
        "next": f"?after={page.after}" if page.after else "",
    }
    return render(request, "gallery/decisions.html", context, status=status)
