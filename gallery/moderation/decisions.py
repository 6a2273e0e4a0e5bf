"""Decisions of operators about cases: what they do, and how an appeal that was granted undoes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit
from gallery.errors import ActImpossible, AlreadyDecided, UndoImpossible
from gallery.models import Ban, Case, Comment, Decision, Profile, Strike, Work
from gallery.moderation import statements, targets

Act = Decision.Act
STRIKE_POINTS = {Act.WARN: 1, Act.HIDE: 1, Act.REMOVE: 2, Act.BAN: 3}
STRIKE_PERIOD = timedelta(days=90)
SENTENCES = {  # of the audit log
    "gallery.keep": _("%(who)s found nothing wrong with %(target)s"),
    "gallery.label": _("%(who)s marked %(target)s as mature"),
    "gallery.hide": _("%(who)s hid %(target)s"),
    "gallery.remove": _("%(who)s removed %(target)s"),
    "gallery.warn": _("%(who)s warned the author of %(target)s"),
    "gallery.ban": _("%(who)s banned the author of %(target)s"),
    "gallery.restore": _("%(who)s undid a decision about %(target)s"),
    "gallery.approved": _("%(who)s approved %(target)s"),
    "gallery.refused": _("%(who)s refused %(target)s"),
    "gallery.hidden_by_reports": _("Several reports hid %(target)s"),
    "gallery.appeal_granted": _("%(who)s granted %(target)s"),
    "gallery.appeal_rejected": _("%(who)s rejected %(target)s"),
}


@dataclass(frozen=True)
class BanTerms:
    """``days``: 0 for a ban without an end. ``hides``: "" for nothing, "this" for the target, "all" for all works."""

    scope: str = Ban.Scope.ALL
    days: int = 30
    hides: str = "this"


@dataclass(frozen=True)
class Explanation:
    """``reason``: the rule, a Report.Reason. ``statement``: for the owner. ``note``: for operators only."""

    reason: str = ""
    statement: str = ""
    note: str = ""


@transaction.atomic
def decide(case: Case, act: str, *, by, explanation: Explanation, terms: BanTerms | None = None) -> Decision:
    """Close the case with this decision, carry it out and write to the owner.

    Raises ActImpossible for an act that does not fit the target, AlreadyDecided if another operator was first.
    """
    if act not in targets.ACTS[Case.TargetKind(case.target_kind)]:
        raise ActImpossible(act)
    _close(case)
    target = targets.get_target(case)
    profile = targets.get_or_create_profile(target) if act in STRIKE_POINTS else targets.get_profile(target)
    decision = _write(case, act, by, explanation, profile, terms)
    CARRY_OUT[Act(act)](decision, target, terms)
    if profile and act in STRIKE_POINTS:
        ends_at = timezone.now() + STRIKE_PERIOD
        Strike.objects.create(profile=profile, decision=decision, points=STRIKE_POINTS[Act(act)], ends_at=ends_at)
    workspace = targets.get_workspace(target)
    audit.record(by=by, verb=f"gallery.{act}", target=target or case, workspace=workspace, reason=explanation.reason)
    statements.send(decision)
    return decision


def _close(case: Case) -> None:
    """Close the case. The row is locked by the update, so that only one of two operators closes it."""
    now = timezone.now()
    rows = Case.objects.filter(pk=case.pk, state=Case.State.OPEN)
    if not rows.update(state=Case.State.DECIDED, decided_at=now):
        first = case.decisions.filter(is_automatic=False, part_of=None).select_related("by").last()
        raise AlreadyDecided(first.get_act_display() if first else "", first.by if first else None)
    case.state, case.decided_at = Case.State.DECIDED, now


def _write(case, act, by, explanation: Explanation, profile: Profile | None, terms: BanTerms | None) -> Decision:
    days = terms.days if terms and act == Act.BAN else 0
    return Decision.objects.create(
        case=case,
        act=act,
        reason=explanation.reason,
        statement=explanation.statement,
        note=explanation.note,
        profile=profile,
        by=by,
        ends_at=timezone.now() + timedelta(days=days) if days else None,
    )


def _keep(decision: Decision, target, terms) -> None:
    targets.show(target)


def _label(decision: Decision, target, terms) -> None:
    if isinstance(target, Work):
        target.rating, target.is_rating_fixed = Work.Rating.MATURE, True
        target.save(update_fields=["rating", "is_rating_fixed"])
    targets.show(target)


def _hide(decision: Decision, target, terms) -> None:
    targets.hide(target)


def _remove(decision: Decision, target, terms) -> None:
    targets.remove(target)


def _ban(decision: Decision, target, terms: BanTerms | None) -> None:
    terms = terms or BanTerms()
    if decision.profile is None:
        raise ActImpossible(Act.BAN)
    Ban.objects.create(profile=decision.profile, decision=decision, scope=terms.scope, ends_at=decision.ends_at)
    if not terms.hides:
        targets.show(target)
        return
    if isinstance(target, Work | Comment):
        _hide_as_part(decision, decision.case, target)
    if terms.hides == "all":
        works = Work.objects.filter(workspace=decision.profile.workspace_id, state=Work.State.SHOWN)
        for work in works.exclude(visibility=Work.Visibility.PRIVATE):
            _hide_as_part(decision, close_new_case(work), work)


def _hide_as_part(ban: Decision, case: Case, target: Work | Comment) -> None:
    """Hide a work or comment with a decision of its own, so that lifting the ban shows it again."""
    Decision.objects.create(case=case, act=Act.HIDE, reason=ban.reason, profile=ban.profile, by=ban.by, part_of=ban)
    targets.hide(target)


def close_new_case(target: targets.Target) -> Case:
    """Return a closed case for a decision that nobody's report led to."""
    kind = targets.get_kind(target)
    return Case.objects.create(
        target_kind=kind,
        target_label=targets.describe_target(target)[:200],
        state=Case.State.DECIDED,
        decided_at=timezone.now(),
        **{kind.value: target},
    )


CARRY_OUT: dict[Act, Callable] = {
    Act.KEEP: _keep,
    Act.LABEL: _label,
    Act.HIDE: _hide,
    Act.REMOVE: _remove,
    Act.WARN: _keep,
    Act.BAN: _ban,
}


@transaction.atomic
def undo(decision: Decision, *, by, statement: str = "") -> Decision:
    """Show the target again, void the strike and lift the ban of a decision, and write that to its case.

    Raises UndoImpossible if it was undone before, or changed nothing.
    """
    now = timezone.now()
    case = Case.objects.select_for_update().get(pk=decision.case_id)
    if not can_undo(decision):
        raise UndoImpossible
    target = targets.get_target(case)
    for done in (decision, *decision.parts.select_related("case")):
        _undo_state(done)
    Strike.objects.filter(decision=decision, voided_at=None).update(voided_at=now)
    Ban.objects.filter(decision=decision, lifted_at=None).update(lifted_at=now)
    undone = Decision.objects.create(
        case=decision.case, act=Act.RESTORE, statement=statement, profile=decision.profile, by=by
    )
    audit.record(by=by, verb="gallery.restore", target=target or decision.case, workspace=targets.get_workspace(target))
    return undone


def can_undo(decision: Decision) -> bool:
    """Return whether the decision has an effect that was not undone yet."""
    restored = Decision.objects.filter(case=decision.case_id, act=Act.RESTORE, pk__gt=decision.pk)
    return has_effect(decision) and not restored.exists()


def has_effect(decision: Decision) -> bool:
    """Return whether an operator changed something with it. Parts of a ban are undone with the ban."""
    is_own = not decision.is_automatic and decision.part_of_id is None
    return is_own and decision.act not in (Act.KEEP, Act.RESTORE)


def _undo_state(decision: Decision) -> None:
    target = targets.get_target(decision.case)
    if target is None or _is_overruled(decision):
        return
    if decision.act == Act.LABEL and isinstance(target, Work):
        target.rating, target.is_rating_fixed = Work.Rating.ALL, False
        target.save(update_fields=["rating", "is_rating_fixed"])
    elif decision.act == Act.REMOVE:
        targets.restore(target)
    elif decision.act == Act.HIDE:
        targets.show(target)


def _is_overruled(decision: Decision) -> bool:
    """Return whether a later decision about the same target hides or removes it, too."""
    case = decision.case
    later = Decision.objects.filter(**{f"case__{case.target_kind}": targets.get_target(case)}, pk__gt=decision.pk)
    acts = later.filter(act__in=(Act.HIDE, Act.REMOVE)).exclude(appeal__state="granted").exclude(part_of=decision)
    return acts.exists()


@transaction.atomic
def decide_first_looks(rows: Sequence[targets.Target], *, by, is_approved: bool, explanation: Explanation) -> int:
    """Show waiting works or comments, or refuse them, each with a decision. Returns how many still waited."""
    count = 0
    for row in rows:
        locked = type(row).objects.select_for_update().get(pk=row.pk)
        if locked.state == "waiting":
            _decide_first_look(locked, by, is_approved, explanation)
            count += 1
    return count


def _decide_first_look(target: targets.Target, by, is_approved: bool, explanation: Explanation) -> None:
    act = Act.KEEP if is_approved else Act.HIDE
    given = Explanation() if is_approved else explanation
    decision = _write(close_new_case(target), act, by, given, targets.get_profile(target), None)
    CARRY_OUT[act](decision, target, None)
    verb = "gallery.approved" if is_approved else "gallery.refused"
    audit.record(by=by, verb=verb, target=target, workspace=targets.get_workspace(target), reason=decision.reason)
    statements.send(decision)


@dataclass(frozen=True)
class Sanctions:
    """``points``: of all strikes together."""

    points: int
    bans: list[Ban]


def find_sanctions(profiles) -> Sanctions:
    """Return the sanctions of these profiles (a query or a list)."""
    strikes = Strike.objects.filter(profile__in=profiles, voided_at=None, ends_at__gt=timezone.now())
    points = strikes.aggregate(sum=Sum("points"))["sum"] or 0
    return Sanctions(points, list(Ban.objects.in_force().filter(profile__in=profiles)))
