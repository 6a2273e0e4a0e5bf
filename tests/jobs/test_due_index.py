"""Due jobs are found by their index, however many jobs have ended."""

import pytest
from django.db import connection, transaction

from jobs.lifecycle import engine
from jobs.worker import wakeups
from jobs.worker.dispatcher import Dispatcher

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rows]
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}


def looks_for_jobs(act) -> list[tuple]:
    """The queries, each with its parameters, by which ``act()`` looks for jobs."""
    seen = []

    def watch(execute, sql, params, many, context):
        if sql.startswith("SELECT") and ' FROM "jobs_job" ' in sql:
            seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        act()
    return seen


def plan_of(sql, params) -> str:
    """How the database goes about it. PostgreSQL would read so small a table from end to end, which it may not here."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"{EXPLAIN[connection.vendor]} {sql}", params)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize(
    ("act", "queries"),
    [
        (wakeups.has_requests, 1),
        (engine.claim, 1),
        (lambda: engine.claim_polls(5), 1),
        (lambda: Dispatcher().offer(), 2),  # what is due, and whose jobs are in work
    ],
    ids=["what was called for", "a worker's claim", "what is asked after", "what is offered"],
)
def test_due_jobs_are_found_by_their_index(kind, submit, act, queries):
    kind("elsewhere", is_local=False)
    submit()

    plans = [plan_of(*look) for look in looks_for_jobs(act)]

    assert len(plans) == queries
    assert all("job_due" in plan for plan in plans), plans
