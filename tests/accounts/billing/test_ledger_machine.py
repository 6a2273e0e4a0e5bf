"""The ledger against a plain model: random grants, holds and ends, in two currencies, of the site and of users."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.billing import grants, ledger
from accounts.billing.models import Entry, ExchangeRate, Grant, Hold
from tests.accounts.billing.test_ledger import books_balance
from tests.factories import WorkspaceFactory

RATE = 137_000  # millionths of a dollar for one yuan
AMOUNTS, CURRENCIES = st.integers(0, 40), st.sampled_from(["USD", "CNY"])
NEVER, PAST = 5000, 1000  # days; so many that none passes while the test runs


def to_dollars(amount: int, currency: str) -> int:
    return amount if currency == "USD" else -(-amount * RATE // 1_000_000)


class LedgerMachine(RuleBasedStateMachine):
    """``grants``: the parts of each grant, and ``order``, by which they are spent. ``jobs``: id → [what is on hold,
    payer, currency]. All amounts are in millionths of a dollar."""

    @initialize()
    def start(self):
        self.savepoint = transaction.savepoint_create()
        self.workspace = WorkspaceFactory()
        ExchangeRate.objects.create(currency="CNY", rate=RATE)
        self.grants, self.jobs, self.n = [], {}, 0
        self.spent = self.own_spent = self.excess = 0
        self.began = timezone.now() - timedelta(days=PAST)

    def teardown(self):
        transaction.savepoint_rollback(self.savepoint)

    @property
    def held(self) -> int:
        return sum(held for held, payer, _currency in self.jobs.values() if payer == "site")

    @property
    def available(self) -> int:
        return sum(grant["left"] for grant in self.grants) - self.held

    def in_order(self) -> list:
        return sorted(self.grants, key=lambda grant: (grant["order"], grant["pk"]))  # a share is as old as its whole

    def spend(self, amount: int):
        for grant in self.in_order():
            taken = min(grant["left"], amount)
            grant["left"], amount = grant["left"] - taken, amount - taken

    def sweep(self):
        """End what is over, except for what is on hold."""
        held = self.held
        for grant in self.in_order():
            covered = min(grant["left"], held)
            held -= covered
            if grant["is_over"]:
                grant["taken" if grant["is_taken"] else "expired"] += grant["left"] - covered
                grant["left"] = covered

    def pass_end(self, grant: dict):
        """Let the grant be over, as the last of those that are."""
        if not grant["is_over"]:
            self.n += 1
            Grant.objects.filter(pk=grant["pk"]).update(ends_at=self.began + timedelta(seconds=self.n))
            grant["is_over"], grant["order"] = True, (0, self.n, 0)

    def pick_job(self, data):
        return data.draw(st.sampled_from(sorted(self.jobs))) if self.jobs else None

    @rule(amount=AMOUNTS, days=st.sampled_from([NEVER, PAST, 2 * PAST]))
    def add_grant(self, amount, days):
        self.n += 1
        ends_at = None if days == NEVER else self.began + timedelta(days=PAST + days)
        columns = {"source": "pack", "key": str(self.n), "amount": amount, "ends_at": ends_at}
        row, is_new = grants.add_grant(self.workspace, **columns)
        assert is_new and grants.add_grant(self.workspace, **columns) == (row, False)
        parts = {"amount": amount, "left": amount, "expired": 0, "taken": 0, "is_over": False, "is_taken": False}
        self.grants.append(parts | {"pk": row.pk, "order": (1, days, self.n)})

    @rule(amount=AMOUNTS)
    def correct(self, amount):
        self.n += 1
        is_refused = amount > self.available
        try:
            with transaction.atomic():
                grants.add_grant(self.workspace, source="correction", key=str(self.n), amount=-amount)
        except ledger.InsufficientFunds:
            assert is_refused
        else:
            assert not is_refused
            self.spend(amount)

    @rule(amount=AMOUNTS, currency=CURRENCIES, payer=st.sampled_from(["site", "site", "own"]))
    def reserve(self, amount, currency, payer):
        self.n += 1
        job, price = uuid.UUID(int=self.n), to_dollars(amount, currency)
        is_refused = payer == "site" and price > self.available
        try:
            with transaction.atomic():
                ledger.reserve(self.workspace, job_id=job, amount=amount, currency=currency, payer=payer)
        except ledger.InsufficientFunds:
            assert is_refused
        else:
            assert not is_refused
            self.jobs[job] = [price, payer, currency]

    @rule(data=st.data(), amount=AMOUNTS)
    def settle(self, data, amount):
        if not (job := self.pick_job(data)):
            return
        held, payer, currency = self.jobs.pop(job)
        assert ledger.settle(job, amount=amount) and not ledger.release(job)
        cost = to_dollars(amount, currency)
        charged = cost if payer == "own" else min(held, cost)
        hold = Hold.objects.get(job_id=job)
        assert (hold.charged, hold.written_off) == (charged, cost - charged)
        self.excess += cost - charged
        if payer == "own":
            self.own_spent += charged
        else:
            self.spent += charged
            self.spend(charged)

    @rule(data=st.data())
    def release(self, data):
        if job := self.pick_job(data):
            del self.jobs[job]
            assert ledger.release(job) and not ledger.settle(job, amount=1)

    @rule(data=st.data())
    def let_user_pay(self, data):
        if job := self.pick_job(data):
            assert ledger.let_user_pay(job) == (self.jobs[job][1] == "site")
            self.jobs[job][1] = "own"

    @rule(data=st.data())
    def end_grant(self, data):
        if self.grants:
            self.pass_end(data.draw(st.sampled_from(self.grants)))
            grants.expire_grants()

    @rule(data=st.data())
    def take_back(self, data):
        if not self.grants:
            return
        grant = data.draw(st.sampled_from(self.grants))
        row = Grant.objects.get(pk=grant["pk"])
        taken = grants.take_back(row, by=None, reason="refund")
        if not grant["is_taken"]:
            assert taken.amount == min(grant["left"], self.available)
            grant["left"] -= taken.amount
            grant["before"] = (grant["is_over"], grant["order"])
            grant["taken"], grant["is_taken"] = taken.amount, True
            self.pass_end(grant)
        assert grants.take_back(row, by=None, reason="again") == taken

    @rule(data=st.data(), part=st.integers(0, 4))
    def take_share_back(self, data, part):
        whole = [grant for grant in self.grants if "whole" not in grant]
        if not whole:
            return
        grant = data.draw(st.sampled_from(whole))
        before = sum(row["amount"] for row in self.grants if row.get("whole") == grant["pk"])
        amount = (grant["amount"] + before) * part // 4 - before
        for _again in range(2):
            row = Grant.objects.get(pk=grant["pk"])
            grants.take_back_share(row, part=part, whole=4, by=None, reason="refund")
        if amount > 0 and not grant["is_taken"]:
            split = {"left": min(grant["left"], amount), "amount": amount}
            split["expired"] = min(grant["expired"], amount - split["left"])
            for name, value in split.items():
                grant[name] -= value
            share = grant | split | {"pk": Grant.objects.get(key=f"{row.key}:part:{before + amount}").pk}
            share |= {"whole": grant["pk"], "is_taken": True, "before": (grant["is_over"], grant["order"])}
            self.grants.append(share)
            share["taken"] = min(share["left"], self.available)
            share["left"] -= share["taken"]
            self.pass_end(share)

    @rule(data=st.data(), seconds_later=st.sampled_from([0, 2, 60]))
    def give_back(self, data, seconds_later):
        taken = [grant for grant in self.grants if grant["is_taken"]]
        if not taken:
            return
        grant = data.draw(st.sampled_from(taken))
        taken_at = timezone.now() - timedelta(seconds=seconds_later)  # a slow machine takes that long between two steps
        Grant.objects.filter(pk=grant["pk"]).update(taken_back_at=taken_at)
        for _again in range(2):
            ends_at = grants.give_back(Grant.objects.get(pk=grant["pk"]), by=None)
        grant["left"], grant["taken"], grant["is_taken"] = grant["left"] + grant["taken"], 0, False
        grant["is_over"], order = grant["before"]
        seconds = (ends_at - self.began).total_seconds() if ends_at else 0  # a moment later than before
        when = seconds if grant["is_over"] else seconds / 86_400 - PAST
        grant["order"] = (order[0], when if ends_at else order[1], order[2])

    @invariant()
    def books_are_right(self):
        self.sweep()
        assert ledger.get_balance(self.workspace) == self.available
        wallet = ledger.get_wallet(self.workspace)
        assert (wallet.reserved, wallet.spent) == (self.held, self.spent)
        assert ledger.get_wallet(self.workspace, "own").spent == self.own_spent
        assert sum(source.left for source in grants.read_balance_by_source(self.workspace)) == self.available
        rows = {row.pk: (row.left, row.expired, row.taken_back) for row in Grant.objects.filter(source="pack")}
        assert rows == {grant["pk"]: (grant["left"], grant["expired"], grant["taken"]) for grant in self.grants}
        lost = sum(row["amount"] - row["expired"] - row["taken"] for row in self.grants if row["is_taken"])
        written_off = sum(Entry.objects.filter(bucket="write_off").values_list("amount", flat=True))
        assert written_off == self.excess + lost
        assert books_balance()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "examples",
    [5, *(pytest.param(50, id=f"50, {sixth}", marks=[pytest.mark.deep, pytest.mark.rows]) for sixth in range(1, 7))],
)
def test_ledger_agrees_with_a_plain_model(settings, examples):
    settings.BILLING = True
    profile = hypothesis_settings(max_examples=examples, stateful_step_count=25, deadline=None)

    run_state_machine_as_test(LedgerMachine, settings=profile)
