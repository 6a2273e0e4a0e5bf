"""Asks after what is made elsewhere, many at a time: whoever keeps us waiting delays what is made there, nobody else.

Most of a poll is waiting for its answer, so each has a thread. Of these one account never has more than its share, and
an account that was slow lately only a few in a corner of their own, until it is quick again.
"""

import logging
import math
import os
import random
import sys
import threading
import time
from collections import Counter, defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.db import close_old_connections, connection

from jobs.lifecycle import engine
from jobs.lifecycle.lease import Lease, LeaseLost
from jobs.worker import wakeups
from jobs.worker.deferred_waits import Waits

log = logging.getLogger("jobs.polls")
THREADS, MAX_THREADS = 32, 16  # altogether, and of these for one account at most
MIN_THREADS, EACH = (
    3,
    0.005,
)  # threads for an account that answers at once, and one for each so many seconds that answers take
PART = 1 / 8  # of how long the latest answer took, in what they took lately
CORNER, SLOW_MAX_THREADS = 8, 2  # the same for accounts that are slow
AT_ONCE, TURNS = 128, 3  # claimed by one query, so that a poll costs few of them; so often before others have a turn
CALLED = 16  # claimed by themselves when somebody calls
MOST, AHEAD = 192, 384  # held at one time: of one account, and altogether; asked after well within one lease
SLOW = 5.0  # seconds; an answer that takes longer comes from a slow account
LATELY = 300.0
NICE = 5  # of 19; how much less of a busy processor these threads get than who serves people
QUICK, QUICK_COUNT = 1.0, 4  # four answers in a row within a second: it was this machine that was slow
LOOK_AFTER = 5.0  # seconds; whether the database is still there is asked that often at most, not once a poll


class Poller:
    def __init__(self, is_hungry=lambda: None):
        """``is_hungry()`` is called when little is left to ask and more was due: ``take`` is wanted at once."""
        self._is_hungry, self._had_more = is_hungry, False
        self._waits = Waits()
        self._lock = threading.RLock()
        self._quick = ThreadPoolExecutor(THREADS, "ask", _lower_priority)
        self._corner = ThreadPoolExecutor(CORNER, "ask slow", _lower_priority)
        # By claim and not by job: where one slept over its lease, the same job is asked after a second time meanwhile.
        self._held: dict = {}  # claim -> account, of all that wait for their turn or are under way
        self._lines: dict = defaultdict(deque)  # account -> claims that wait for its other ones
        self._busy: dict = defaultdict(int)  # account -> polls given to a thread
        self._took: dict = {}  # account -> seconds that its answers took lately
        self._began: dict = {}  # claim -> when its question went out
        self._slow_until: dict = {}  # account -> when it counts as quick again
        self._slow_since: dict = {}  # account -> when it was last slow
        self._quick_ones: Counter = Counter()  # account that is slow -> its quick answers since
        self._waiting = 0  # polls given to the quick threads that none has begun
        self._own = threading.local()
        self._is_closing = False

    def take(self) -> None:
        """Lease what is due and ask; called all the time."""
        self._waits.write()
        self._make_room()
        self._had_more = True
        for _ in range(TURNS):
            if AHEAD - len(self._held) < AT_ONCE or not self._claim(AT_ONCE):
                return

    def take_called(self) -> None:
        """Ask first after the few that have been due longest, which are those that are called for: to write and to
        claim for all the others takes as long as people notice."""
        if len(self._held) < AHEAD:
            self._claim(CALLED)

    def _claim(self, most: int) -> bool:
        """Whether so many were due."""
        full = self._full()
        claimed = engine.claim_polls(most, without=full)
        for held in claimed:
            held.waits = self._waits
            self._line_up(held.account, held)
        if len(claimed) < most:
            self._had_more = bool(full)
        return len(claimed) == most

    def stop(self) -> None:
        """Ask nothing more: only what is under way goes on, and is over when one request's time is."""
        self._is_closing = True
        for threads in (self._quick, self._corner):
            threads.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Let what is under way end, and hand back the rest."""
        self._is_closing = True
        for threads in (self._quick, self._corner):
            threads.shutdown(wait=True, cancel_futures=True)
        for held in list(self._held):
            with suppress(LeaseLost):
                held.hand_back()
        self._waits.write()

    def _full(self) -> list:
        """Accounts of which nothing more is claimed."""
        with self._lock:
            known = set(self._held.values()) | set(self._slow_until)
            return [account for account in known if self._is_full(account)]

    def _is_full(self, account) -> bool:
        """As much as may wait for it already does; those that are slow have their corner and no more."""
        waits = Counter(self._held.values())
        if not self._is_slow(account):
            return waits[account] >= MOST
        in_corner = sum(waits[each] for each in list(self._slow_until) if self._is_slow(each))
        return waits[account] >= SLOW_MAX_THREADS or in_corner >= CORNER

    def _make_room(self) -> None:
        """What waits behind an unanswered question goes back: its account is slow, and others are due. Before that it
        is given more threads, though its answers came at once so far."""
        back = []
        with self._lock:
            now = time.monotonic()
            for held, began in self._began.items():
                account = self._held[held]
                self._took[account] = max(now - began, self._took.get(account, 0.0))
            for account in list(self._lines):
                self._send(account)
            late = now - SLOW
            unanswered = [held for held, began in self._began.items() if began < late]
            for account in {self._held[held] for held in unanswered}:
                self._mark_slow(account)
                back += self._lines.pop(account, ())
            for held in back:
                self._held.pop(held)
        for held in back:
            _hand_back(held)

    def _line_up(self, account, held: Lease) -> None:
        with self._lock:
            if not (self._is_slow(account) and self._is_full(account)):
                self._held[held] = account
                line = self._lines[account]
                (line.appendleft if wakeups.is_requested(held.job) else line.append)(held)
                return self._send(account)
        return _hand_back(held)

    def _send(self, account) -> None:
        is_slow = self._is_slow(account)
        share = self._share(account, is_slow)
        while not self._is_closing and self._lines[account] and self._busy[account] < share:
            self._busy[account] += 1
            self._give(account, self._lines[account].popleft(), is_slow)
        if not self._lines[account]:
            del self._lines[account]

    def _share(self, account, is_slow: bool) -> int:
        """How many threads may ask one account. Most of them wait for its answers; where those come at once they would
        wait for each other instead, waking up a thousand times a second each to see whether it is their turn."""
        if is_slow:
            return SLOW_MAX_THREADS
        took = self._took.get(account)
        return MAX_THREADS if took is None else min(MAX_THREADS, max(MIN_THREADS, math.ceil(took / EACH)))

    def _give(self, account, held: Lease, is_slow: bool) -> None:
        self._waiting += not is_slow
        (self._corner if is_slow else self._quick).submit(self._ask_all, account, held, is_slow)

    def _ask_all(self, account, held: Lease, is_slow: bool) -> None:
        """Ask, and go on with whatever else waits for the account while nobody waits for the thread."""
        with self._lock:  # take() goes through them at the same time
            self._waiting -= not is_slow
            self._began[held] = time.monotonic()
        while held is not None:
            try:
                engine.poll(held)
            except Exception:
                log.exception("asking after job %s", held.job.pk)
            finally:
                self._look_after_connection()
                held = self._end(account, held, is_slow)

    def _end(self, account, asked: Lease, was_slow: bool) -> Lease | None:
        """What the same thread asks after next, if anything."""
        with self._lock:
            now = time.monotonic()
            self._held.pop(asked)
            if self._had_more and len(self._held) < AT_ONCE:
                self._had_more = False
                self._is_hungry()
            self._weigh(account, self._began.pop(asked), now)
            is_as_before = was_slow == self._is_slow(account) and self._busy[account] <= self._share(account, was_slow)
            may_go_on = is_as_before and not self._waiting and not self._is_closing
            if may_go_on and self._lines.get(account):
                held = self._lines[account].popleft()
                self._began[held] = now
                return held
            self._busy[account] -= 1
            with suppress(RuntimeError):  # the threads are being closed
                self._send(account)
            if not self._busy[account]:
                del self._busy[account]
            return None

    def _weigh(self, account, began: float, now: float) -> None:
        """Whether the account is slow, by an answer that came ``now``."""
        self._took[account] = self._took.get(account, now - began) * (1 - PART) + (now - began) * PART
        if now - began > SLOW:
            self._mark_slow(account)
        elif account in self._slow_until and began > self._slow_since[account]:
            self._quick_ones[account] = self._quick_ones[account] + 1 if now - began < QUICK else 0
            if self._quick_ones[account] >= QUICK_COUNT:
                self._forgive(account)

    def _mark_slow(self, account) -> None:
        self._slow_since[account] = time.monotonic()
        self._slow_until[account] = time.monotonic() + LATELY
        self._quick_ones[account] = 0

    def _forgive(self, account) -> None:
        for facts in (self._slow_until, self._slow_since, self._quick_ones):
            facts.pop(account, None)

    def _look_after_connection(self) -> None:
        """Of this thread: close_old_connections makes the next query ask first whether anybody is there."""
        now = time.monotonic()
        if connection.errors_occurred or now - getattr(self._own, "looked_at", now - LOOK_AFTER) >= LOOK_AFTER:
            self._own.looked_at = now
            close_old_connections()

    def _is_slow(self, account) -> bool:
        if self._slow_until.get(account, 0.0) > time.monotonic():
            return True
        self._forgive(account)
        return False


def _lower_priority() -> None:
    """On Linux each thread has its niceness. Somebody waits for a page, or for the first step of a clip; a question
    may go out a moment later."""
    if sys.platform == "linux":
        with suppress(OSError):  # where that is forbidden they are as nice as all the others
            nice = max(NICE, os.getpriority(os.PRIO_PROCESS, 0))
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)


def _hand_back(held: Lease) -> None:
    with suppress(LeaseLost):
        held.hand_back(random.uniform(SLOW, 2 * SLOW))
