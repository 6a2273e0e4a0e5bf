"""Appeals: one for each decision, answered by another operator than the one who decided, where there is one."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.access import may_operate
from accounts.models import User
from gallery.access import DECIDE_CASES
from gallery.errors import AlreadyDecided, AppealRefused
from gallery.models import Appeal, Decision
from gallery.moderation import decisions, statements

APPEALABLE = (Decision.Act.LABEL, Decision.Act.HIDE, Decision.Act.REMOVE, Decision.Act.WARN, Decision.Act.BAN)


def can_appeal(decision: Decision) -> bool:
    """Return whether the owner may appeal: once, and not while an operator still has to look at an automatic one."""
    is_final = not decision.is_automatic and decision.part_of_id is None
    return is_final and decision.act in APPEALABLE and get_appeal(decision) is None


def get_appeal(decision: Decision) -> Appeal | None:
    return getattr(decision, "appeal", None)


def appeal(decision: Decision, *, by, text: str) -> Appeal:
    """File the one appeal against a decision. Raises AppealRefused if there was one, or none is possible."""
    if not can_appeal(decision):
        raise AppealRefused(_("You appealed against this decision before, or it cannot be appealed."))
    try:
        with transaction.atomic():
            return Appeal.objects.create(decision=decision, by=by, text=text)
    except IntegrityError as error:
        raise AppealRefused(_("You appealed against this decision before. Nothing was changed.")) from error


def may_answer(appeal: Appeal, user) -> bool:
    """Return whether this operator may answer: not the one who decided, unless there is no other."""
    if appeal.decision.by_id != user.pk:
        return True
    others = User.objects.filter(is_active=True, is_staff=True).exclude(pk=user.pk)
    return not any(may_operate(other, DECIDE_CASES) for other in others)


@transaction.atomic
def answer(appeal: Appeal, *, by, is_granted: bool, text: str) -> None:
    """Grant the appeal, which undoes the decision, or reject it, and write to the owner.

    Raises AppealRefused if another operator must answer, AlreadyDecided if one did.
    """
    if not may_answer(appeal, by):
        raise AppealRefused(_("You made this decision, so another administrator must answer the appeal."))
    state = Appeal.State.GRANTED if is_granted else Appeal.State.REJECTED
    rows = Appeal.objects.filter(pk=appeal.pk, state=Appeal.State.OPEN)
    if not rows.update(state=state, answer=text, answered_by=by, answered_at=timezone.now()):
        appeal.refresh_from_db()
        raise AlreadyDecided(appeal.get_state_display(), appeal.answered_by)
    appeal.refresh_from_db()
    if is_granted and decisions.can_undo(appeal.decision):
        decisions.undo(appeal.decision, by=by, statement=text)
    verb = "gallery.appeal_granted" if is_granted else "gallery.appeal_rejected"
    audit.record(by=by, verb=verb, target=appeal)
    statements.send_answer(appeal)
