"""The operators' pages of reports: what waits, one page for each case, first looks and waiting comments."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import check_operator, operator_page
from common.text import label_value
from gallery.access import DECIDE_CASES, VIEW_CASES, Opening
from gallery.errors import ModerationRefused
from gallery.models import Appeal, Case, Comment, Decision, Work
from gallery.moderation import appeals, decisions, evidence, targets, waiting
from gallery.moderation.decisions import find_sanctions
from gallery.moderation.forms import AnswerForm, DecisionForm, ExplanationForm

GRID_SIZE = 24
BUTTONS = {
    Decision.Act.KEEP: gettext_lazy("Nothing is wrong"),
    Decision.Act.LABEL: gettext_lazy("Mark as mature"),
    Decision.Act.HIDE: gettext_lazy("Hide"),
    Decision.Act.REMOVE: gettext_lazy("Remove"),
    Decision.Act.WARN: gettext_lazy("Warn"),
    Decision.Act.BAN: gettext_lazy("Ban"),
}


def gallery_page(permission: str):
    """Decorate a page for operators with the permission. Without a gallery it does not exist."""
    return operator_page(permission, needs=lambda: settings.GALLERY != Opening.OFF)


@require_safe
@gallery_page(VIEW_CASES)
def reports(request):
    """Show what waits: appeals, cases, comments, and how many first looks."""
    cases = list(waiting.list_cases()[: waiting.SHOWN])
    reasons = evidence.count_reasons(cases)
    for case in cases:
        case.reasons = reasons[case.pk]
    evidence.attach_posters([case.work for case in cases if case.work])
    context = {
        "cases": cases,
        "case_count": waiting.list_cases().count(),
        "appeals": waiting.list_appeals()[: waiting.SHOWN],
        "comments": waiting.list_comments()[: waiting.SHOWN],
        "first_looks": waiting.list_first_looks().count(),
        "form": ExplanationForm(),
        "may_decide": request.user.has_perm(DECIDE_CASES),
    }
    return render(request, "operator/reports.html", context)


@require_safe
@gallery_page(VIEW_CASES)
def case(request, case):
    """Show everything that helps to decide a case, on one page."""
    return _render_case(request, _get_case(case))


@require_POST
@gallery_page(DECIDE_CASES)
def decide_case(request, case):
    found = _get_case(case)
    form = DecisionForm(request.POST)
    act = request.POST.get("act", "")
    if act not in Decision.Act.values or not form.is_valid():
        return _render_case(request, found, form, status=422)
    try:
        explanation, terms = form.read_explanation(), form.read_terms()
        decision = decisions.decide(found, act, by=request.user, explanation=explanation, terms=terms)
    except ModerationRefused as refusal:
        messages.error(request, str(refusal))
        return _render_case(request, _get_case(case), form, status=refusal.status)
    messages.success(request, label_value(decision.get_act_display(), found.target_label))
    return redirect("operator:reports")


def _get_case(pk) -> Case:
    rows = Case.objects.select_related(
        "work__clip",
        "work__film__story",
        "work__template",
        "work__workspace__home_of",
        "comment__work",
        "comment__user",
        "profile__workspace__home_of",
    )
    return get_object_or_404(rows, pk=pk)


def _render_case(request, found: Case, form=None, status: int = 200):
    target = targets.get_target(found)
    profile = targets.get_profile(target)
    reasons = evidence.count_reasons([found])[found.pk]
    history = evidence.find_history(found, profile)
    open_appeals = [row.appeal for row in history if row.case_id == found.pk and _has_open_appeal(row)]
    for row in open_appeals:
        row.may_answer = appeals.may_answer(row, request.user)
    context = {
        "case": found,
        "profile": profile,
        "reasons": reasons,
        "reports": found.reports.select_related("user").order_by("-pk")[: evidence.SHOWN_REPORTS],
        "history": history,
        "open_appeals": open_appeals,
        "answer_form": AnswerForm(),
        "sanctions": find_sanctions([profile] if profile else []),
        "form": form or DecisionForm(initial={"reason": reasons[0].code if reasons else ""}),
        "acts": [(act.value, BUTTONS[act]) for act in targets.ACTS[Case.TargetKind(found.target_kind)]],
        "may_decide": request.user.has_perm(DECIDE_CASES),
        "shows_mature": settings.GALLERY_MATURE,
        **_collect_works(found, target, profile),
    }
    return render(request, "operator/case.html", context, status=status)


def _collect_works(found: Case, target, profile) -> dict:
    """Return the work of a case with its evidence, and the works beside it."""
    work = found.work
    groups = [
        (_("The same file"), evidence.find_same_files(work) if work else []),
        (_("Made from it"), evidence.find_remixes(work) if work else []),
        (_("Other works of the author"), evidence.find_other_works(profile, target) if profile else []),
    ]
    evidence.attach_posters([work for _title, works in groups for work in works])
    return {
        "work": work,
        "evidence": evidence.collect(work) if work else None,
        "parents": evidence.find_parents(work) if work else [],
        "groups": [group for group in groups if group[1]],
    }


def _has_open_appeal(decision: Decision) -> bool:
    found = appeals.get_appeal(decision)
    return found is not None and found.state == Appeal.State.OPEN


@require_POST
@gallery_page(DECIDE_CASES)
def answer_appeal(request, appeal):
    found = get_object_or_404(Appeal.objects.select_related("decision__case"), pk=appeal)
    form = AnswerForm(request.POST)
    chosen = request.POST.get("state")
    if chosen not in (Appeal.State.GRANTED, Appeal.State.REJECTED) or not form.is_valid():
        return _render_case(request, _get_case(found.decision.case_id), status=422)
    is_granted = chosen == Appeal.State.GRANTED
    try:
        appeals.answer(found, by=request.user, is_granted=is_granted, text=form.cleaned_data["answer"])
    except ModerationRefused as refusal:
        messages.error(request, str(refusal))
        return _render_case(request, _get_case(found.decision.case_id), status=refusal.status)
    messages.success(request, _("The appeal was answered."))
    return redirect("operator:reports")


@require_POST
@gallery_page(DECIDE_CASES)
def undo_decision(request, decision):
    """Undo a decision without an appeal: show the target again, void the strike, lift the ban."""
    found = get_object_or_404(Decision.objects.select_related("case"), pk=decision)
    try:
        decisions.undo(found, by=request.user)
    except ModerationRefused as refusal:
        messages.error(request, str(refusal))
        return _render_case(request, _get_case(found.case_id), status=refusal.status)
    messages.success(request, _("The decision was undone."))
    return redirect("operator:case", found.case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@gallery_page(VIEW_CASES)
def first_looks(request):
    """Show works that wait in a grid of large pictures, and approve or refuse the chosen ones."""
    if request.method == "POST":
        return _decide_waiting(request, waiting.list_first_looks(), "operator:first_looks")
    works = evidence.attach_posters(list(waiting.list_first_looks()[:GRID_SIZE]))
    return render(
        request,
        "operator/first_looks.html",
        {
            "works": works,
            "count": waiting.list_first_looks().count(),
            "form": ExplanationForm(),
            "may_decide": request.user.has_perm(DECIDE_CASES),
        },
    )


def _is_as_seen(row: Work | Comment, codes: list[str]) -> bool:
    """Return whether the file and the text of the row are still those that the operator chose."""
    return isinstance(row, Comment) or row.version in codes


@require_POST
@gallery_page(DECIDE_CASES)
def waiting_comments(request):
    return _decide_waiting(request, waiting.list_comments(), "operator:reports")


def _decide_waiting(request, rows, page: str):
    check_operator(request.user, DECIDE_CASES)
    form = ExplanationForm(request.POST)
    act = request.POST.get("act")
    codes = request.POST.getlist("chosen")
    if act not in ("approve", "refuse") or not form.is_valid() or not codes:
        messages.error(request, _("Select what to approve or refuse. Nothing was changed."))
        return redirect(page)
    found = rows.filter(code__in=[code.partition(".")[0] for code in codes])
    chosen = [row for row in found if _is_as_seen(row, codes)]
    is_approved, explanation = act == "approve", form.read_explanation()
    count = decisions.decide_first_looks(chosen, by=request.user, is_approved=is_approved, explanation=explanation)
    if is_approved:
        text = ngettext("%(count)d approved.", "%(count)d approved.", count)
    else:
        text = ngettext("%(count)d refused.", "%(count)d refused.", count)
    messages.success(request, text % {"count": count})
    return redirect(page)
