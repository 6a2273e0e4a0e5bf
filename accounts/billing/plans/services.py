"""What people and operators do with plans. Every act is in the audit log."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.billing import held_plans
from accounts.billing.models import Plan, PlanNotice, Subscription
from accounts.billing.plans.overview import describe_limits
from accounts.models import Membership, Role

AUDIT_SENTENCES = {
    "plan.created": _("%(who)s created the plan %(target)s"),
    "plan.offered": _("%(who)s offers the plan %(target)s"),
    "plan.withdrawn": _("%(who)s no longer offers the plan %(target)s"),
    "plan.moved": _("%(who)s moves holders to the plan %(target)s"),
    "plan.taken": _("%(who)s changed to the plan %(target)s"),
    "plan.tried": _("%(who)s started the trial of the plan %(target)s"),
}
log = logging.getLogger(__name__)
CLAIM = timedelta(hours=1)  # after which a mail that was begun counts as not sent
MAILS = 100  # a periodic task must be short


class VersionTaken(Exception):
    """Somebody else made a version of the plan at the same moment. Nothing was changed."""


@transaction.atomic
def create_version(*, code: str, by, **facts) -> Plan:
    """Create the next version of a plan, or the first one. Earlier versions are no longer offered, and their holders
    keep them. Raises VersionTaken."""
    last = Plan.objects.filter(code=code).aggregate(last=Max("version"))["last"] or 0
    try:
        with transaction.atomic():
            plan = Plan.objects.create(code=code, version=last + 1, **facts)
    except IntegrityError as error:
        raise VersionTaken from error
    Plan.objects.filter(code=code, version__lte=last).update(is_offered=False)
    audit.record(by=by, verb="plan.created", target=plan)
    return plan


@transaction.atomic
def set_offered(plan: Plan, is_offered: bool, *, by) -> None:
    Plan.objects.filter(pk=plan.pk).update(is_offered=is_offered)
    audit.record(by=by, verb="plan.offered" if is_offered else "plan.withdrawn", target=plan)


@transaction.atomic
def schedule_move(plan: Plan, at: datetime, *, by) -> None:
    """Move the holders of older versions to this one on a day. They are told by email and on their page of plans."""
    Plan.objects.filter(pk=plan.pk).update(moves_at=at)
    audit.record(by=by, verb="plan.moved", target=plan, at=at.isoformat())


@transaction.atomic
def start_trial(workspace, plan: Plan, *, by) -> Subscription:
    """Start the plan's trial. Raises held_plans.TrialRefused."""
    row = held_plans.start_trial(workspace, plan, by=by)
    audit.record(by=by, verb="plan.tried", target=plan, workspace=workspace)
    return row


@transaction.atomic
def take_version(workspace, plan: Plan, *, by) -> None:
    held_plans.take_version(workspace, plan)
    audit.record(by=by, verb="plan.taken", target=plan, workspace=workspace)


def run_due_changes() -> dict[str, int]:
    """Let time take effect: late payments, moves to new versions, months of credit, mails. Returns counts by name."""
    if not settings.BILLING:
        return {}
    return {
        **held_plans.update_late_subscriptions(),
        "told": tell_holders(),
        "moved": held_plans.move_holders(),
        "granted": held_plans.grant_due_months(),
    }


def tell_holders() -> int:
    """Write to the owners of workspaces whose plan will change. Returns how many mails were sent.

    A mail that the mail server does not take is tried again by the next round; the others are not sent again.
    """
    if not settings.HAS_MAIL:
        return 0
    count = 0
    for plan in Plan.objects.filter(moves_at__gt=timezone.now()):
        holders = held_plans.list_live().filter(plan__code=plan.code, plan__version__lt=plan.version)
        for row in holders.exclude(announced_plan=plan).select_related("workspace", "plan")[:MAILS]:
            count += _tell_owners(row, plan)
    return count


def _tell_owners(row: Subscription, plan: Plan) -> int:
    """Write to the owners who got no mail about this plan yet. Returns to how many."""
    owners = Membership.objects.filter(workspace=row.workspace, role=Role.OWNER, user__is_active=True)
    count = sum(_tell_once(row, plan, membership.user) for membership in owners.select_related("user"))
    sent = PlanNotice.objects.filter(subscription=row, plan=plan).exclude(sent_at=None)
    if not owners.exclude(user__in=sent.values("user")).exists():
        Subscription.objects.filter(pk=row.pk).update(announced_plan=plan)
    return count


def _tell_once(row: Subscription, plan: Plan, user) -> bool:
    """Send the mail unless another worker did or does. Returns whether it was sent."""
    notice, is_new = PlanNotice.objects.get_or_create(subscription=row, plan=plan, user=user)
    if not is_new and not _claim(notice):
        return False
    try:
        _mail(user, "plans/email/moved", {"plan": row.plan, "next": plan}, plan, notice)
    except (OSError, SMTPException) as error:
        log.warning("the mail about plan %s is tried again: %s", plan.pk, type(error).__name__)
        PlanNotice.objects.filter(pk=notice.pk).update(began_at=timezone.now() - CLAIM)
        return False
    PlanNotice.objects.filter(pk=notice.pk).update(sent_at=timezone.now())
    return True


def _claim(notice: PlanNotice) -> bool:
    """Return whether this worker may send a mail that was begun before and not sent."""
    now = timezone.now()
    free = PlanNotice.objects.filter(pk=notice.pk, sent_at=None, began_at__lte=now - CLAIM)
    return bool(free.update(began_at=now))


def _mail(user, template: str, values: dict, plan: Plan, notice: PlanNotice) -> None:
    """Send a mail. Its Message-ID is that of the notice: if a worker is killed before it could note that the server
    took the mail, readers see one mail nevertheless."""
    with translation.override(user.language or settings.LANGUAGE_CODE):
        context = {"limits": list(describe_limits(plan)), "site_url": settings.SITE_URL, **values}
        context["link"] = settings.SITE_URL + reverse("plans:plans")
        mail = get_adapter().render_mail(template, user.email, context)
    mail.extra_headers["Message-ID"] = f"<plan-notice-{notice.pk}@{urlsplit(settings.SITE_URL).hostname}>"
    mail.send()
