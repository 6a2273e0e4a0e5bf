"""The ledger of jobs: reserve before work starts, settle or release when it ends. Grants are in ``grants``.

Every amount is an integer, in millionths of a currency. Prices are in the provider's currency; wallets are in the
site's, and a hold keeps the exchange rate between both. Guards are single UPDATE statements, so that two requests at
the same moment cannot spend the same money, on SQLite and on PostgreSQL. A second reserve, settle, release or write-off
of the same job or attempt changes nothing.
"""

import logging
import uuid

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.billing import caps, spending
from accounts.billing.exchange import Conversion, RateUnknown, apply_rate, convert
from accounts.billing.models import Entry, Hold, Payer, Wallet
from accounts.billing.refusals import InsufficientFunds
from accounts.models import Workspace

log = logging.getLogger(__name__)
Bucket = Entry.Bucket


def get_wallet(workspace: Workspace, payer: str = Payer.SITE, currency: str = "") -> Wallet:
    """Return the wallet of that kind, in the site's currency unless another is given; it is made if there is none.

    With billing a new wallet of the site's money is limited and empty, without billing it is unlimited.
    """
    is_limited = settings.BILLING and payer == Payer.SITE
    wallet, _created = Wallet.objects.get_or_create(
        workspace_id=workspace.pk,
        kind=payer,
        currency=currency or settings.SITE_CURRENCY,
        defaults={"is_unlimited": not is_limited},
    )
    return wallet


def get_balance(workspace: Workspace) -> int | None:
    """Return how much of the site's money may still be spent, in its currency; None if there is no limit."""
    return read_balance(get_wallet(workspace))


def read_balance(wallet: Wallet) -> int | None:
    """Return how much of the wallet may still be spent; None if there is no limit."""
    if wallet.is_unlimited:
        return None
    spending.expire_due(wallet)
    return wallet.available


def check_balance(workspace: Workspace, amount: int, currency: str) -> None:
    """Raise InsufficientFunds if less than that is left in a limited wallet, or RateUnknown."""
    _check_balance(get_wallet(workspace), amount, currency)


def _check_balance(wallet: Wallet, amount: int, currency: str) -> None:
    balance = read_balance(wallet)
    if balance is not None and balance < (needed := convert(amount, currency).amount):
        raise InsufficientFunds(needed, balance, settings.SITE_CURRENCY)


def check_spendable(workspace: Workspace, amount: int, currency: str, *, by, story_id: uuid.UUID | None) -> None:
    """Raise what ``reserve`` raises for an amount that the site would pay, and reserve nothing."""
    wallet = get_wallet(workspace)
    _check_balance(wallet, amount, currency)
    if settings.BILLING:
        needed = convert(amount, currency).amount
        for use in caps.read_uses(wallet, member_id=spending.get_actor_id(by), story_id=story_id):
            if needed > use.left:
                raise caps.CapReached(needed, use)


@transaction.atomic
def reserve(
    workspace: Workspace,
    *,
    job_id: uuid.UUID,
    amount: int,
    currency: str = "",
    by=None,
    payer: str = Payer.SITE,
    provider: str = "",
    story_id: uuid.UUID | None = None,
) -> Hold:
    """Reserve the highest possible price of a job, in the provider's currency. A second call changes nothing.

    ``by``: the user who requested the job. ``payer``: "own" if the user's or the workspace's account at the provider
    is billed, which is recorded and limited by nothing. Raises InsufficientFunds if the wallet cannot pay, CapReached
    if a cap leaves less, RateUnknown for a price in a currency without a rate where something limits the site's money.
    """
    currency = currency or settings.SITE_CURRENCY
    held = _convert(workspace, amount, currency, payer)
    wallet = spending.find_wallet(workspace, payer, held.currency) or get_wallet(workspace, payer, held.currency)
    if not wallet.is_unlimited and wallet.has_due:
        spending.expire_due(wallet)
    try:
        with transaction.atomic():
            hold = Hold.objects.create(
                job_id=job_id,
                wallet=wallet,
                amount=held.amount,
                payer=payer,
                price=amount,
                price_currency=currency,
                rate=held.rate,
                rated_on=held.dated,
                member_id=spending.get_actor_id(by),
                provider=provider,
                story_id=story_id,
            )
    except IntegrityError:
        if existing := Hold.objects.filter(job_id=job_id).first():
            return existing
        raise  # a negative amount: a bug in the caller
    move = {"available": F("available") - held.amount, "reserved": F("reserved") + held.amount}
    if not spending.affordable(wallet, held.amount).update(**move):
        raise InsufficientFunds(held.amount, get_balance(workspace) or 0, wallet.currency)
    caps.check_caps(hold)
    spending.write_entries(
        wallet, "reserve", by, {Bucket.AVAILABLE: -held.amount, Bucket.RESERVED: held.amount}, job_id=job_id
    )
    return hold


def _convert(workspace: Workspace, amount: int, currency: str, payer: str) -> Conversion:
    """Return the amount in the site's currency, or in its own if there is no rate and nothing limits the amount."""
    try:
        return convert(amount, currency)
    except RateUnknown:
        if payer == Payer.OWN or not (settings.BILLING or get_balance(workspace) is not None):
            return Conversion(amount, currency)
        raise


@transaction.atomic
def settle(job_id: uuid.UUID, *, amount: int, by=None) -> bool:
    """Charge what the job cost, in the provider's currency, and refund the rest of the hold.

    Nobody pays this site more than the hold; the difference is logged and written off. Of users' own accounts the
    whole cost is recorded. Returns False if the hold was closed before.
    """
    if not (hold := _close(job_id, Hold.State.SETTLED)):
        return False
    cost = apply_rate(amount, hold.rate)
    charged = cost if hold.payer == Payer.OWN else min(cost, hold.amount)
    excess, refund = cost - charged, hold.amount - charged
    Wallet.objects.filter(pk=hold.wallet_id).update(
        reserved=F("reserved") - hold.amount, spent=F("spent") + charged, available=F("available") + refund
    )
    spending.spend(hold.wallet, charged)
    Hold.objects.filter(job_id=job_id).update(charged=charged, written_off=F("written_off") + excess)
    amounts: dict[str, int] = {Bucket.RESERVED: -hold.amount, Bucket.SPENT: charged, Bucket.AVAILABLE: refund}
    spending.write_entries(hold.wallet, "settle", by, amounts, job_id=job_id)
    if excess:
        log.error("job %s cost %s more than was reserved; the difference is written off", job_id, excess)
        spending.write_entries(
            hold.wallet, "write_off", by, {Bucket.GRANT: -excess, Bucket.WRITE_OFF: excess}, job_id=job_id
        )
    return True


@transaction.atomic
def release(job_id: uuid.UUID, *, by=None) -> bool:
    """Refund the whole hold. Returns False if the hold was closed before."""
    if not (hold := _close(job_id, Hold.State.RELEASED)):
        return False
    Wallet.objects.filter(pk=hold.wallet_id).update(
        reserved=F("reserved") - hold.amount, available=F("available") + hold.amount
    )
    amounts: dict[str, int] = {Bucket.RESERVED: -hold.amount, Bucket.AVAILABLE: hold.amount}
    spending.write_entries(hold.wallet, "release", by, amounts, job_id=job_id)
    return True


@transaction.atomic
def write_off(job_id: uuid.UUID, *, amount: int, n: int, by=None) -> bool:
    """Write off what a provider charged the site for attempt ``n`` of a job (in the provider's currency) and the user
    does not owe.

    Returns False if the attempt was written off before.
    """
    hold = Hold.objects.select_related("wallet").get(job_id=job_id)
    cost, wallet = apply_rate(amount, hold.rate), _get_site_wallet(hold)
    try:
        with transaction.atomic():
            amounts: dict[str, int] = {Bucket.GRANT: -cost, Bucket.WRITE_OFF: cost}
            spending.write_entries(wallet, f"write_off-{n}", by, amounts, job_id=job_id)
    except IntegrityError:
        return False
    Hold.objects.filter(job_id=job_id).update(written_off=F("written_off") + cost)
    log.warning("attempt %s of job %s cost %s, which no user owes; it is written off", n, job_id, cost)
    return True


def _get_site_wallet(hold: Hold) -> Wallet:
    """Return the wallet of the site's money, also for a hold that moved to the user's own account."""
    wallet = hold.wallet
    if hold.payer == Payer.SITE or wallet.workspace is None:
        return wallet
    return get_wallet(wallet.workspace, currency=wallet.currency)


@transaction.atomic
def let_user_pay(job_id: uuid.UUID) -> bool:
    """Move the hold of a job from the site's money to the user's own account, which is billed from now on.

    The reverse does not exist: without a new consent no job may begin to spend the site's money. Returns False if the
    hold is closed, or if the user pays already.
    """
    hold = Hold.objects.select_related("wallet__workspace").filter(job_id=job_id).first()
    held = Hold.objects.filter(job_id=job_id, state=Hold.State.HELD, payer=Payer.SITE)
    if hold is None or hold.wallet.workspace is None or not held.exists():
        return False
    before, amount = hold.wallet, hold.amount
    after = get_wallet(hold.wallet.workspace, Payer.OWN, before.currency)
    if not held.update(payer=Payer.OWN, wallet=after):
        return False
    Wallet.objects.filter(pk=before.pk).update(reserved=F("reserved") - amount, available=F("available") + amount)
    Wallet.objects.filter(pk=after.pk).update(reserved=F("reserved") + amount, available=F("available") - amount)
    leave: dict[str, int] = {Bucket.RESERVED: -amount, Bucket.AVAILABLE: amount}
    spending.write_entries(before, "leave_site", None, leave, job_id=job_id)
    enter: dict[str, int] = {Bucket.AVAILABLE: -amount, Bucket.RESERVED: amount}
    spending.write_entries(after, "enter_own", None, enter, job_id=job_id)
    return True


def read_movements(job_id: uuid.UUID) -> dict[str, dict[str, int]]:
    """Return kind → bucket → amount (millionths of the wallet's currency) of the movements of a job."""
    found: dict[str, dict[str, int]] = {}
    for kind, bucket, amount in Entry.objects.filter(job_id=job_id).values_list("kind", "bucket", "amount"):
        found.setdefault(kind, {})[bucket] = amount
    return found


def _close(job_id: uuid.UUID, state: Hold.State) -> Hold | None:
    """Return the hold if this call closes it, else None."""
    closing = {"state": state, "charged": 0, "closed_at": Now()}
    if not Hold.objects.filter(job_id=job_id, state=Hold.State.HELD).update(**closing):
        return None
    return Hold.objects.select_related("wallet").get(job_id=job_id)
