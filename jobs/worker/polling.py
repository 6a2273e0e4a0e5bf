"""Polls remote jobs, many at a time, so that a slow provider delays only its own jobs.

A poll mostly waits for its response, so each poll in progress has a thread. One connection has at most MAX_THREADS of
the THREADS. A connection that was slow recently has at most SLOW_MAX_THREADS of a separate pool, until it is quick
again.
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

from django import db

from jobs.lifecycle import engine
from jobs.lifecycle.lease import Lease, LeaseLost
from jobs.runtime import wakeups
from jobs.runtime.deferred_waits import Waits

log = logging.getLogger("jobs.polls")
THREADS, MAX_THREADS = 32, 16  # in total, and for one connection
MIN_THREADS = 3  # for one connection that responds at once
SECONDS_PER_THREAD = 0.005  # a connection has one thread for so many seconds of its average latency
SMOOTHING = 1 / 8  # weight of the latest response in the average latency
SLOW_THREADS, SLOW_MAX_THREADS = 8, 2  # THREADS and MAX_THREADS of the pool for slow connections
BATCH_SIZE, BATCHES = 128, 3  # leases of one query, and queries of one call of ``take``
REQUESTED_BATCH = 16  # leases of one query for requested polls
MAX_PER_CONNECTION, MAX_LEASES = 192, 384  # leases at the same time; all are polled well within one lease
SLOW = 5.0  # seconds; a response that takes longer marks its connection as slow
SLOW_SECONDS = 300.0  # how long a connection counts as slow
NICE = 5  # of 19: these threads have a lower priority than those that serve users
QUICK, QUICK_COUNT = 1.0, 4  # so many such quick responses in a row: this machine was slow, not the connection
CONNECTION_CHECK_SECONDS = 5.0  # between two checks of the database connection of a thread


class Poller:
    def __init__(self, request_take=lambda: None):
        """``request_take()`` requests a call of ``take`` when few polls are left and more were due."""
        self._request_take, self._had_more = request_take, False
        self._waits = Waits()
        self._lock = threading.RLock()
        self._pool = ThreadPoolExecutor(THREADS, "poll", _lower_priority)
        self._slow_pool = ThreadPoolExecutor(SLOW_THREADS, "slow poll", _lower_priority)
        # By lease and not by job: if a lease expired, the same job is polled a second time meanwhile.
        self._leases: dict = {}  # lease -> connection, queued or being polled
        self._queues: dict = defaultdict(deque)  # connection -> queued leases
        self._active: dict = defaultdict(int)  # connection -> polls given to a thread
        self._latency: dict = {}  # connection -> average seconds of its recent responses
        self._started_at: dict = {}  # lease -> start of its poll
        self._slow_until: dict = {}  # connection -> when it counts as quick again
        self._slow_since: dict = {}  # connection -> when it was last slow
        self._quick_responses: Counter = Counter()  # slow connection -> its quick responses since
        self._unstarted = 0  # polls given to the quick pool that no thread has started
        self._local = threading.local()
        self._is_closing = False

    def take(self) -> None:
        """Lease and poll due jobs. Called in each tick of the dispatcher."""
        self._waits.write()
        self._return_stuck()
        self._had_more = True
        for _ in range(BATCHES):
            if MAX_LEASES - len(self._leases) < BATCH_SIZE or not self._take_batch(BATCH_SIZE):
                return

    def take_requested(self) -> None:
        """Poll the few jobs that are due longest, the requested ones, before ``take``, which takes noticeably long."""
        if len(self._leases) < MAX_LEASES:
            self._take_batch(REQUESTED_BATCH)

    def _take_batch(self, limit: int) -> bool:
        """Lease and enqueue up to ``limit`` due jobs. Returns whether there were that many."""
        full = self._full_connections()
        leases = engine.claim_polls(limit, without=full)
        for lease in leases:
            lease.waits = self._waits
            self._enqueue(lease.connection, lease)
        if len(leases) < limit:
            self._had_more = bool(full)
        return len(leases) == limit

    def stop(self) -> None:
        """Start no more polls. Running ones end within the time limit of one request."""
        self._is_closing = True
        for threads in (self._pool, self._slow_pool):
            threads.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Wait for running polls and hand back the other leases."""
        self._is_closing = True
        for threads in (self._pool, self._slow_pool):
            threads.shutdown(wait=True, cancel_futures=True)
        for lease in list(self._leases):
            with suppress(LeaseLost):
                lease.hand_back()
        self._waits.write()

    def _full_connections(self) -> list:
        """Return the full connections, whose jobs are not leased now."""
        with self._lock:
            known = set(self._leases.values()) | set(self._slow_until)
            return [connection for connection in known if self._is_full(connection)]

    def _is_full(self, connection) -> bool:
        """Return whether the connection has reached its limit of leases. A slow connection is also full when all slow
        ones together have reached theirs."""
        counts = Counter(self._leases.values())
        if not self._is_slow(connection):
            return counts[connection] >= MAX_PER_CONNECTION
        slow_count = sum(counts[slow] for slow in list(self._slow_until) if self._is_slow(slow))
        return counts[connection] >= SLOW_MAX_THREADS or slow_count >= SLOW_THREADS

    def _return_stuck(self) -> None:
        """Hand back the queued leases of connections with a slow poll. Start more polls of others as latency grows."""
        returned = []
        with self._lock:
            now = time.monotonic()
            for lease, started_at in self._started_at.items():
                connection = self._leases[lease]
                self._latency[connection] = max(now - started_at, self._latency.get(connection, 0.0))
            for connection in list(self._queues):
                self._start_polls(connection)
            late = now - SLOW
            unanswered = [lease for lease, started_at in self._started_at.items() if started_at < late]
            for connection in {self._leases[lease] for lease in unanswered}:
                self._mark_slow(connection)
                returned += self._queues.pop(connection, ())
            for lease in returned:
                self._leases.pop(lease)
        for lease in returned:
            _hand_back(lease)

    def _enqueue(self, connection, lease: Lease) -> None:
        with self._lock:
            if not (self._is_slow(connection) and self._is_full(connection)):
                self._leases[lease] = connection
                queue = self._queues[connection]
                (queue.appendleft if wakeups.is_requested(lease.job) else queue.append)(lease)
                return self._start_polls(connection)
        return _hand_back(lease)

    def _start_polls(self, connection) -> None:
        is_slow = self._is_slow(connection)
        limit = self._thread_limit(connection, is_slow)
        while not self._is_closing and self._queues[connection] and self._active[connection] < limit:
            self._active[connection] += 1
            self._submit(connection, self._queues[connection].popleft(), is_slow)
        if not self._queues[connection]:
            del self._queues[connection]

    def _thread_limit(self, connection, is_slow: bool) -> int:
        """Return how many threads may poll the connection.

        If responses come at once, many threads would only compete for the interpreter lock.
        """
        if is_slow:
            return SLOW_MAX_THREADS
        latency = self._latency.get(connection)
        if latency is None:
            return MAX_THREADS
        return min(MAX_THREADS, max(MIN_THREADS, math.ceil(latency / SECONDS_PER_THREAD)))

    def _submit(self, connection, lease: Lease, is_slow: bool) -> None:
        self._unstarted += not is_slow
        (self._slow_pool if is_slow else self._pool).submit(self._poll_all, connection, lease, is_slow)

    def _poll_all(self, connection, lease: Lease, is_slow: bool) -> None:
        """Poll the job, then the next jobs of the same connection while no other connection needs the thread."""
        with self._lock:  # take() iterates over _started_at meanwhile
            self._unstarted -= not is_slow
            self._started_at[lease] = time.monotonic()
        current: Lease | None = lease
        while current is not None:
            try:
                engine.poll(current)
            except Exception:
                log.exception("cannot poll job %s", current.job.pk)
            finally:
                self._check_database_connection()
                current = self._finish(connection, current, is_slow)

    def _finish(self, connection, polled: Lease, was_slow: bool) -> Lease | None:
        """Record the end of a poll. Returns the next lease for the same thread, or None."""
        with self._lock:
            now = time.monotonic()
            self._leases.pop(polled)
            if self._had_more and len(self._leases) < BATCH_SIZE:
                self._had_more = False
                self._request_take()
            self._measure(connection, self._started_at.pop(polled), now)
            is_unchanged = was_slow == self._is_slow(connection)
            is_within_limit = self._active[connection] <= self._thread_limit(connection, was_slow)
            can_continue = is_unchanged and is_within_limit and not self._unstarted and not self._is_closing
            if can_continue and self._queues.get(connection):
                lease = self._queues[connection].popleft()
                self._started_at[lease] = now
                return lease
            self._active[connection] -= 1
            with suppress(RuntimeError):  # the threads are being closed
                self._start_polls(connection)
            if not self._active[connection]:
                del self._active[connection]
            return None

    def _measure(self, connection, started_at: float, now: float) -> None:
        """Update the average latency of the connection, and whether it is slow."""
        seconds = now - started_at
        self._latency[connection] = self._latency.get(connection, seconds) * (1 - SMOOTHING) + seconds * SMOOTHING
        if seconds > SLOW:
            self._mark_slow(connection)
        elif connection in self._slow_until and started_at > self._slow_since[connection]:
            self._quick_responses[connection] = self._quick_responses[connection] + 1 if seconds < QUICK else 0
            if self._quick_responses[connection] >= QUICK_COUNT:
                self._mark_quick(connection)

    def _mark_slow(self, connection) -> None:
        self._slow_since[connection] = time.monotonic()
        self._slow_until[connection] = time.monotonic() + SLOW_SECONDS
        self._quick_responses[connection] = 0

    def _mark_quick(self, connection) -> None:
        for mapping in (self._slow_until, self._slow_since, self._quick_responses):
            mapping.pop(connection, None)

    def _check_database_connection(self) -> None:
        """Close this thread's database connection if it is broken or old; checked at intervals and after errors."""
        now = time.monotonic()
        checked_at = getattr(self._local, "checked_at", now - CONNECTION_CHECK_SECONDS)
        if db.connection.errors_occurred or now - checked_at >= CONNECTION_CHECK_SECONDS:
            self._local.checked_at = now
            db.close_old_connections()

    def _is_slow(self, connection) -> bool:
        if self._slow_until.get(connection, 0.0) > time.monotonic():
            return True
        self._mark_quick(connection)
        return False


def _lower_priority() -> None:
    """Lower the priority of this thread on Linux: users wait for pages and for first steps, but not for polls."""
    if sys.platform == "linux":
        with suppress(OSError):  # not permitted everywhere
            nice = max(NICE, os.getpriority(os.PRIO_PROCESS, 0))
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)


def _hand_back(lease: Lease) -> None:
    with suppress(LeaseLost):
        lease.hand_back(random.uniform(SLOW, 2 * SLOW))
