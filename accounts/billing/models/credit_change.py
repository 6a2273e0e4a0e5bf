"""What operators do about credit and payments, with its reason and the second operator's approval."""

import uuid

from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from accounts.models.workspace import Workspace


class CreditChange(models.Model):
    """A gift, a correction (also downwards), a refund …: made at once, or after a second operator approved it.

    ``amount``: what it is worth, in millionths of the site's currency; of a limit, what may be spent from then on.
    ``ends_at``: of the credit, the vouchers or the paid time. ``details``: the other values of the form. The id is
    chosen by the form, so that a form that is sent twice acts once. It outlives the workspace.
    """

    class Kind(models.TextChoices):
        GIFT = "gift", _("Gift")
        CORRECTION = "correction", _("Correction")
        LIMIT = "limit", _("Limit")
        PAID_UNTIL = "paid_until", _("Plan paid by invoice")
        TRANSFER = "transfer", _("Transfer arrived")
        REFUND = "refund", _("Refund")
        VOUCHERS = "vouchers", _("Vouchers")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for approval")
        DONE = "done", _("Done")
        DECLINED = "declined", _("Declined")

    id = models.UUIDField(_("ID"), primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, models.SET_NULL, null=True, related_name="credit_changes", verbose_name=_("workspace")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    amount = models.BigIntegerField(_("amount"))
    ends_at = models.DateTimeField(_("ends"), null=True)
    purchase_id = models.UUIDField(_("purchase ID"), null=True)
    details = models.JSONField(_("details"), default=dict, db_default=Value({}, models.JSONField()))
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    asked_by = models.UUIDField(_("asked by"))
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    decided_by = models.UUIDField(_("decided by"), null=True)
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("change of credit")
        verbose_name_plural = _("changes of credit")
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["-asked_at"], name="credit_change_newest")]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.get_state_display()}"


PAYMENT_KINDS = (CreditChange.Kind.TRANSFER, CreditChange.Kind.REFUND, CreditChange.Kind.VOUCHERS)
