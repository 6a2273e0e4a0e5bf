"""Reports: one case for each target, its priority, and what is hidden before an operator decides."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import get_workspace_ids
from gallery.models import Case, Decision, Report, Work
from gallery.moderation import statements, targets

Reason = Report.Reason
PRIORITIES = {
    Reason.MINOR: 60,
    Reason.ILLEGAL: 50,
    Reason.VIOLENCE: 40,
    Reason.RIGHTS: 30,
    Reason.SPAM: 20,
    Reason.MATURE: 20,
    Reason.OTHER: 10,
}
MAX_MORE = 9  # more reports raise the priority by one each, never past the next graver reason
GRAVE = (Reason.MINOR, Reason.ILLEGAL)
REPORTERS_TO_HIDE = 3
MIN_ACCOUNT_AGE = timedelta(days=7)  # of these reporters
WRONG_RUN = 5  # reports without ground in a row, after which a reporter's cases come last


@transaction.atomic
def report_target(target: targets.Target, *, by=None, email: str = "", reason: str, text: str = "") -> bool:
    """Add a report to the open case of the target, and open one if there is none.

    ``by``: the user, or None for a visitor, who leaves an email address. Returns False if they reported this case
    before: then nothing is changed.
    """
    case = open_case(target)
    known = case.reports.filter(user=by) if by else case.reports.filter(user=None, email__iexact=email)
    if known.exists():
        return False
    Report.objects.create(case=case, user=by, email=email, reason=reason, text=text)
    case.report_count += 1
    case.priority = max(case.priority, _get_priority(case, by, reason))
    case.save(update_fields=["report_count", "priority"])
    if reason in GRAVE and is_hidden_at_once(case):
        _hide_at_once(case, target)
    return True


def open_case(target: targets.Target) -> Case:
    """Return the open case of the target, locked until the end of the transaction. Creates it if there is none."""
    kind = targets.get_kind(target)
    label = targets.describe_target(target)[:200]
    while True:
        found, _is_new = Case.objects.get_or_create(
            state=Case.State.OPEN, target_kind=kind, **{kind.value: target}, defaults={"target_label": label}
        )
        if case := Case.objects.select_for_update().filter(pk=found.pk, state=Case.State.OPEN).first():
            return case


def _get_priority(case: Case, reporter, reason: str) -> int:
    if reporter and is_distrusted(reporter):
        return 0
    return PRIORITIES[Reason(reason)] + min(case.report_count - 1, MAX_MORE)


def is_distrusted(reporter) -> bool:
    """Return whether the last five decided reports of the user were without ground."""
    reports = reporter.reports.filter(case__state=Case.State.DECIDED)
    cases = [report.case_id for report in reports.order_by("-case__decided_at")[:WRONG_RUN]]
    decisions = Decision.objects.filter(case__in=cases, is_automatic=False, part_of=None).order_by("created_at")
    last = {decision.case_id: decision.act for decision in decisions}
    acts = [last.get(case) for case in cases]
    return len(acts) == WRONG_RUN and all(act in (Decision.Act.KEEP, Decision.Act.RESTORE) for act in acts)


def is_hidden_at_once(case: Case) -> bool:
    """Return whether three independent users reported something grave, and nothing was hidden for it yet.

    Accounts younger than a week, reporters who were wrong before, about this target or five times in a row, and more
    than one member of a workspace do not count.
    """
    if case.decisions.exists():
        return False
    since = timezone.now() - MIN_ACCOUNT_AGE
    reports = case.reports.filter(reason__in=GRAVE, user__date_joined__lte=since, user__is_active=True)
    wrong = Report.objects.filter(
        case__in=_find_earlier_cases(case).filter(decisions__act=Decision.Act.KEEP), user__isnull=False
    )
    seen: set = set()
    count = 0
    for report in reports.exclude(user__in=wrong.values("user")).select_related("user").order_by("pk"):
        workspaces = set(get_workspace_ids(report.user))
        if not workspaces & seen and not is_distrusted(report.user):
            seen |= workspaces
            count += 1
        if count == REPORTERS_TO_HIDE:
            return True
    return False


def _find_earlier_cases(case: Case):
    target = {case.target_kind: targets.get_target(case)}
    return Case.objects.filter(**target).exclude(pk=case.pk)


def _hide_at_once(case: Case, target: targets.Target) -> None:
    if case.target_kind == Case.TargetKind.PROFILE:
        return  # a profile is never hidden, only its works
    targets.hide(target)
    reasons = set(case.reports.values_list("reason", flat=True))
    reason = next(reason for reason in GRAVE if reason in reasons)
    decision = Decision.objects.create(
        case=case, act=Decision.Act.HIDE, reason=reason, profile=targets.get_profile(target), is_automatic=True
    )
    workspace = target.workspace if isinstance(target, Work) else None
    audit.record(by=None, verb="gallery.hidden_by_reports", target=target, workspace=workspace)
    statements.send(decision)
