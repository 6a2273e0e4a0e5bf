"""The pages on which readers report a work, a comment or a profile."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.billing.limits import consume_rate
from accounts.models import get_workspace_ids
from gallery.access import VIEW_CASES, find_unlisted, gallery_page, works_to_open
from gallery.models import Case, Comment, Work
from gallery.moderation import reports, targets
from gallery.moderation.forms import ReportForm
from gallery.people.access import get_profile

ONE_REPORT = require_http_methods(["GET", "HEAD", "POST"])


@ONE_REPORT
@gallery_page
def report_work(request, code):
    return _report(request, get_object_or_404(works_to_open(request.viewer), code=code))


@ONE_REPORT
@gallery_page
def report_unlisted(request, token):
    response = _report(request, find_unlisted(request.viewer, token))
    response.headers["Referrer-Policy"] = "same-origin"  # with "no-referrer" its form would be refused
    return response


@ONE_REPORT
@gallery_page
def report_comment(request, code):
    """Report a comment. Readers of an unlisted work know the codes of its comments."""
    unlisted = Q(visibility=Work.Visibility.UNLISTED, state=Work.State.SHOWN)
    works = Work.objects.available().filter(Q(pk__in=works_to_open(request.viewer).values("pk")) | unlisted)
    comments = Comment.objects.filter(state=Comment.State.SHOWN, work__in=works).select_related("work", "user")
    return _report(request, get_object_or_404(comments, code=code))


@ONE_REPORT
@gallery_page
def report_profile(request, handle):
    return _report(request, get_profile(handle))


def _report(request, target: targets.Target):
    user = request.user if request.user.is_authenticated else None
    workspace = targets.get_workspace(target)
    if user and workspace and workspace.pk in get_workspace_ids(user):
        raise Http404  # nobody reports their own
    form = ReportForm(request.POST or None, is_visitor=user is None)
    if request.method != "POST" or not form.is_valid():
        return _render(request, target, form, status=422 if form.errors else 200)
    if not consume_rate(request, "report" if user else "visitor_report"):
        form.add_error(
            None, _("You have reached the limit of reports for today. This report was not sent; try again tomorrow.")
        )
        return _render(request, target, form, status=429)
    if reports.report_target(target, by=user, **form.cleaned_data):
        messages.success(request, _("Thank you. An administrator will look at it."))
    else:
        messages.info(request, _("You reported this before. An administrator will look at it."))
    return _leave(request, target)


def _render(request, target, form, status: int):
    back = target.work if isinstance(target, Comment) else target
    context = {"form": form, "kind": targets.get_kind(target), "label": targets.describe_target(target)}
    context["back"] = back.get_absolute_url()
    return render(request, "gallery/report.html", context, status=status)


def _leave(request, target):
    """Lead operators to the case, and others to a page that exists whether or not the target is hidden now."""
    if request.viewer.may_operate(VIEW_CASES):
        kind = targets.get_kind(target)
        case = Case.objects.filter(state=Case.State.OPEN, **{kind.value: target}).first()
        return redirect("operator:case", case.pk) if case else redirect("operator:reports")
    return redirect("gallery:reported")


@require_safe
@gallery_page
def reported(request):
    """Say what happens with a report."""
    return render(request, "gallery/reported.html")
