"""Render what moderation adds to pages of works, profiles, settings and operators."""

from collections.abc import Iterator

from django.conf import settings
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.hooks import SettingsLink
from accounts.viewer import Viewer
from gallery.access import VIEW_CASES, Opening, is_gated
from gallery.models import Case, Comment, Profile, Work
from gallery.moderation import statements, waiting

WRITTEN = ("hidden", "removed")
DECISIONS = ("gallery:decisions", "gallery:appeal")


def render_gate(context) -> str:
    """Return the choice to see a mature work, in place of the work, for the slot "work.gate"; "" for others."""
    request, work = context["request"], context["work"]
    if not is_gated(request.viewer, work):
        return ""
    values = {
        "work": work,
        "next": request.get_full_path(),
        "csrf_token": get_token(request),
        "is_signed_in": request.user.is_authenticated,
    }
    return render_to_string("gallery/_mature_gate.html", values)


def render_notice(context) -> str:
    """Return what members are told about a hidden work, and operators about its case, for the slot "work.notice"."""
    request, work = context["request"], context["work"]
    user = request.user
    if not user.is_authenticated:
        return ""
    values = {"work": work}
    if work.state in WRITTEN and work.workspace_id in request.viewer.workspace_ids:
        decision = statements.list_decisions(user).filter(case__work=work).first()
        values |= {"decision": decision, "sentence": statements.describe(decision) if decision else ""}
    if request.viewer.may_operate(VIEW_CASES):
        values["case"] = Case.objects.filter(work=work, state=Case.State.OPEN).first()
    return render_to_string("gallery/_work_notice.html", values) if len(values) > 1 else ""


def render_report_work(context) -> str:
    """Return the link to report a work, for the slot "work.menu"; "" for its own members."""
    work: Work = context["work"]
    if _is_own(context, work.workspace_id):
        return ""
    if work.visibility == Work.Visibility.UNLISTED:
        return _render_link(reverse("gallery:report_unlisted", args=[work.share_token]))
    return _render_link(reverse("gallery:report_work", args=[work.code]))


def render_report_comment(context) -> str:
    comment: Comment = context["comment"]
    user = context["request"].user
    if user.is_authenticated and comment.user_id == user.pk:
        return ""
    return _render_link(reverse("gallery:report_comment", args=[comment.code]))


def render_report_profile(context) -> str:
    profile: Profile = context["profile"]
    if _is_own(context, profile.workspace_id):
        return ""
    return _render_link(reverse("gallery:report_profile", args=[profile.handle]))


def _is_own(context, workspace_id) -> bool:
    viewer: Viewer = context["request"].viewer
    return viewer.is_authenticated and workspace_id in viewer.workspace_ids


def _render_link(url: str) -> str:
    return render_to_string("gallery/_report_link.html", {"url": url})


def list_settings_links(viewer: Viewer, view_name: str) -> Iterator[SettingsLink]:
    """Yield the gallery's pages of the settings; the decisions only for users about whom there are any."""
    if settings.GALLERY == Opening.OFF:
        return
    yield SettingsLink("account", _("Gallery"), "globe", ("gallery:settings", "gallery:mature_choice"))
    if view_name in DECISIONS or statements.list_decisions(viewer).exists():
        yield SettingsLink("account", _("Decisions"), "shield-check", DECISIONS)


def render_operator_tab(context) -> str:
    """Return the tab of the reports with how much waits, for the operators' pages."""
    request = context.get("request")
    if settings.GALLERY == Opening.OFF or not (request and request.user.has_perm(VIEW_CASES)):
        return ""
    pages = ("reports", "case", "decide_case", "first_looks", "answer_appeal", "undo_decision")
    values = {"is_current": request.resolver_match.url_name in pages, "waiting": waiting.count_waiting()}
    return render_to_string("operator/_reports_tab.html", values)
