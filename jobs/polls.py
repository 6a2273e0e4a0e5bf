"""Asks after what is made elsewhere, many at a time: whoever keeps us waiting delays what is made there, nobody else.

Most of a poll is waiting for its answer, so each has a thread. Of these one account never has more than its share, and
an account that was slow lately only a few in a corner of their own.
"""

import logging
import random
import threading
import time
from collections import Counter, defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.db import close_old_connections

from jobs import engine
from jobs.claims import Claim, LeaseLost
from jobs.models import Attempt

log = logging.getLogger("jobs.polls")
THREADS, SHARE = 32, 12  # altogether, and of these for one account
CORNER, PATIENT_SHARE = 8, 2  # the same for accounts that are slow
AT_ONCE = 64  # claimed by one query, so that a poll costs few of them
MOST, AHEAD = 128, 256  # held at one time: of one account, and altogether; asked after well within one lease
SLOW = 5.0  # seconds; an answer that takes longer comes from a slow account
LATELY = 300.0


class Polls:
    def __init__(self):
        self._lock = threading.RLock()
        self._quick = ThreadPoolExecutor(THREADS, "ask")
        self._corner = ThreadPoolExecutor(CORNER, "ask slow")
        self._held: dict = {}  # job id -> (account, claim), of all that wait for their turn or are under way
        self._lines: dict = defaultdict(deque)  # account -> claims that wait for its other ones
        self._busy: dict = defaultdict(int)  # account -> polls given to a thread
        self._began: dict = {}  # job id -> when its question went out
        self._slow_until: dict = {}  # account -> when it counts as quick again

    def take(self) -> None:
        """Claim what is due and ask; called all the time."""
        self._make_room()
        while AHEAD - len(self._held) >= AT_ONCE:
            claimed = engine.claim_polls(AT_ONCE, without=self._full())
            for account, held in _with_accounts(claimed):
                self._line_up(account, held)
            if len(claimed) < AT_ONCE:
                return

    def close(self) -> None:
        """Let what is under way end, and hand back the rest."""
        for threads in (self._quick, self._corner):
            threads.shutdown(wait=True, cancel_futures=True)
        for _account, held in list(self._held.values()):
            with suppress(LeaseLost):
                held.hand_back()

    def _full(self) -> list:
        """Accounts of which nothing more is claimed."""
        with self._lock:
            known = {account for account, _held in self._held.values()} | set(self._slow_until)
            return [account for account in known if self._is_full(account)]

    def _is_full(self, account) -> bool:
        """As much as may wait for it already does; those that are slow have their corner and no more."""
        waits = Counter(each for each, _held in self._held.values())
        if not self._is_slow(account):
            return waits[account] >= MOST
        in_corner = sum(waits[each] for each in list(self._slow_until) if self._is_slow(each))
        return waits[account] >= PATIENT_SHARE or in_corner >= CORNER

    def _make_room(self) -> None:
        """What waits behind an unanswered question goes back: its account is slow, and others are due."""
        back = []
        with self._lock:
            late = time.monotonic() - SLOW
            unanswered = [pk for pk, began in self._began.items() if began < late and pk in self._held]
            for account in {self._held[pk][0] for pk in unanswered}:
                self._slow_until[account] = time.monotonic() + LATELY
                back += self._lines.pop(account, ())
            for held in back:
                self._held.pop(held.job.pk, None)
        for held in back:
            _hand_back(held)

    def _line_up(self, account, held: Claim) -> None:
        with self._lock:
            if not (self._is_slow(account) and self._is_full(account)):
                self._held[held.job.pk] = (account, held)
                self._lines[account].append(held)
                return self._send(account)
        return _hand_back(held)

    def _send(self, account) -> None:
        is_slow = self._is_slow(account)
        threads, share = (self._corner, PATIENT_SHARE) if is_slow else (self._quick, SHARE)
        while self._lines[account] and self._busy[account] < share:
            self._busy[account] += 1
            threads.submit(self._ask, account, self._lines[account].popleft())
        if not self._lines[account]:
            del self._lines[account]

    def _ask(self, account, held: Claim) -> None:
        pk, began = held.job.pk, time.monotonic()
        with self._lock:  # take() goes through them at the same time
            self._began[pk] = began
        try:
            engine.poll(held)
        except Exception:
            log.exception("asking after job %s", pk)
        finally:
            close_old_connections()
            self._end(account, pk, began)

    def _end(self, account, pk, began: float) -> None:
        with self._lock:
            self._began.pop(pk, None)
            self._held.pop(pk, None)
            if time.monotonic() - began > SLOW:
                self._slow_until[account] = time.monotonic() + LATELY
            self._busy[account] -= 1
            with suppress(RuntimeError):  # the threads are being closed
                self._send(account)
            if not self._busy[account]:
                del self._busy[account]

    def _is_slow(self, account) -> bool:
        if self._slow_until.get(account, 0.0) > time.monotonic():
            return True
        self._slow_until.pop(account, None)
        return False


def _hand_back(held: Claim) -> None:
    with suppress(LeaseLost):
        held.hand_back(random.uniform(SLOW, 2 * SLOW))


def _with_accounts(claimed: list[Claim]) -> list[tuple]:
    """Each with the account that it is made through; with its workspace where nothing says so any more."""
    if not claimed:
        return []
    rows = Attempt.objects.filter(job__in=[held.job.pk for held in claimed], outcome__in=Attempt.LIVE)
    accounts = dict(rows.values_list("job_id", "account"))
    return [(accounts.get(held.job.pk) or held.job.workspace_id, held) for held in claimed]
