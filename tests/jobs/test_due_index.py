"""Due jobs are found by their index, however many jobs have ended."""

import pytest
from django.db import connection, transaction

from jobs.lifecycle import engine
from jobs.runtime import wakeups
from jobs.worker.dispatcher import Dispatcher

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rows]
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}


def list_job_queries(action) -> list[tuple]:
    """Return the queries for jobs in ``action()``, each with its parameters."""
    queries = []

    def record(execute, sql, params, many, context):
        if sql.startswith("SELECT") and ' FROM "jobs_job" ' in sql:
            queries.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        action()
    return queries


def explain(sql, params) -> str:
    """Return the query plan. PostgreSQL would scan so small a table, which is disabled here."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"{EXPLAIN[connection.vendor]} {sql}", params)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize(
    ("action", "count"),
    [
        (wakeups.has_requests, 1),
        (engine.claim, 1),
        (lambda: engine.claim_polls(5), 1),
        (lambda: Dispatcher().offer(), 2),  # due jobs, and leased jobs by workspace
        (lambda: Dispatcher().has_open_jobs(), 1),
    ],
    ids=["has_requests", "claim", "claim_polls", "offer", "has_open_jobs"],
)
def test_due_jobs_are_found_by_their_index(register_kind, submit, action, count):
    register_kind("remote", is_local=False)
    submit()

    plans = [explain(*query) for query in list_job_queries(action)]

    assert len(plans) == count
    assert all("job_due" in plan for plan in plans), plans
