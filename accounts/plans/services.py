"""What people and operators do with plans. Every act is in the audit log."""

from datetime import datetime

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.billing import plans
from accounts.billing.models import Plan, Subscription
from accounts.models import Membership, Role
from accounts.plans.overview import describe_limits

AUDIT_SENTENCES = {
    "plan.created": _("%(who)s created the plan %(target)s"),
    "plan.offered": _("%(who)s offers the plan %(target)s"),
    "plan.withdrawn": _("%(who)s no longer offers the plan %(target)s"),
    "plan.moved": _("%(who)s moves holders to the plan %(target)s"),
    "plan.taken": _("%(who)s changed to the plan %(target)s"),
    "plan.tried": _("%(who)s started the trial of the plan %(target)s"),
}
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
    """Start the plan's trial. Raises plans.TrialRefused."""
    row = plans.start_trial(workspace, plan, by=by)
    audit.record(by=by, verb="plan.tried", target=plan, workspace=workspace)
    return row


@transaction.atomic
def take_version(workspace, plan: Plan, *, by) -> None:
    plans.take_version(workspace, plan)
    audit.record(by=by, verb="plan.taken", target=plan, workspace=workspace)


def run_due_changes() -> dict[str, int]:
    """Let time take effect: late payments, moves to new versions, months of credit, mails. Returns counts by name."""
    if not settings.BILLING:
        return {}
    return {
        **plans.update_late_subscriptions(),
        "told": tell_holders(),
        "moved": plans.move_holders(),
        "granted": plans.grant_due_months(),
    }


def tell_holders() -> int:
    """Write to the owners of workspaces whose plan will change. Returns to how many."""
    if not settings.HAS_MAIL:
        return 0
    count = 0
    for plan in Plan.objects.filter(moves_at__gt=timezone.now()):
        holders = plans.list_live().filter(plan__code=plan.code, plan__version__lt=plan.version).exclude(told_of=plan)
        for row in holders.select_related("workspace", "plan")[:MAILS]:
            Subscription.objects.filter(pk=row.pk).update(told_of=plan)
            count += _mail_owners(row.workspace, "plans/email/moved", {"plan": row.plan, "next": plan}, plan)
    return count


def _mail_owners(workspace, template: str, values: dict, plan: Plan) -> int:
    owners = Membership.objects.filter(workspace=workspace, role=Role.OWNER, user__is_active=True)
    for membership in owners.select_related("user"):
        user = membership.user
        with translation.override(user.language or settings.LANGUAGE_CODE):
            context = {"limits": list(describe_limits(plan)), "site_url": settings.SITE_URL, **values}
            context["link"] = settings.SITE_URL + reverse("plans:plans")
            get_adapter().render_mail(template, user.email, context).send()
    return len(owners)
