"""Vouchers: codes that give credit once. Only the keyed digest of a code is stored."""

import secrets as random
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.billing import grants
from accounts.billing.payments.models import Voucher
from accounts.models import Workspace
from common import secrets
from common.messages import Message, build_message

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: without letters that look like others
LENGTH = 16  # 80 bits
LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", "-": None, " ": None})
MAX_TYPED = 60


class VoucherRefused(Exception):
    """Nothing was granted. ``message`` is for the user."""

    def __init__(self, code: str):
        self.message: Message = build_message(code)
        super().__init__(code)

    def __str__(self):
        return str(self.message)


def normalise(typed: str) -> str:
    """Return a code as it is stored, from one that somebody typed; "" if it cannot be one."""
    code = "".join(typed[:MAX_TYPED].split()).upper().translate(LOOKALIKES)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""


def create_vouchers(
    count: int, *, credit: int, ends_at: datetime, reason: str, by, credit_days: int | None = None
) -> list[str]:
    """Create vouchers and return their codes, which nobody can read again. ``credit``: millionths of SITE_CURRENCY."""
    codes = ["".join(random.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(count)]
    facts = {"credit": credit, "ends_at": ends_at, "reason": reason, "created_by": by, "credit_days": credit_days}
    with transaction.atomic():
        rows = [Voucher(digest=_digest(code), hint=code[-4:], **facts) for code in codes]
        Voucher.objects.bulk_create(rows)
        audit.record(by=by, verb="voucher.created", target=f"vouchers {count}", credit=credit, reason=reason)
    return ["-".join(code[n : n + 4] for n in range(0, LENGTH, 4)) for code in codes]


def cancel_voucher(voucher: Voucher, *, by) -> bool:
    """Cancel a voucher that is not used yet. Returns False if it is."""
    rows = Voucher.objects.filter(pk=voucher.pk, used_at=None, cancelled_at=None)
    if not rows.update(cancelled_at=timezone.now()):
        return False
    audit.record(by=by, verb="voucher.cancelled", target=voucher)
    return True


@transaction.atomic
def use_voucher(workspace: Workspace, typed: str, *, by) -> Voucher:
    """Give a workspace the credit of a voucher. Raises VoucherRefused if it is unknown, used, cancelled or too old."""
    code = normalise(typed)
    digests = secrets.list_digests({"voucher": code}) if code else []
    voucher = Voucher.objects.select_for_update().filter(digest__in=digests).first()
    if voucher is None:
        raise VoucherRefused("voucher_unknown")
    now = timezone.now()
    if voucher.used_at or voucher.cancelled_at:
        raise VoucherRefused("voucher_used")
    if voucher.ends_at <= now:
        raise VoucherRefused("voucher_ended")
    voucher.used_at, voucher.used_in, voucher.used_by = now, workspace, by
    voucher.save(update_fields=["used_at", "used_in", "used_by"])
    ends_at = now + timedelta(days=voucher.credit_days) if voucher.credit_days else None
    grants.add_grant(workspace, source="voucher", key=str(voucher.pk), amount=voucher.credit, ends_at=ends_at, by=by)
    audit.record(by=by, verb="voucher.used", target=voucher, workspace=workspace)
    return voucher


def _digest(code: str) -> str:
    return secrets.digest({"voucher": code})
