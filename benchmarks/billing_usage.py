"""The usage page of a workspace with half of a million ledger entries, on PostgreSQL.

One person owns half of JOBS; each job has a clip with a file, a hold and five entries. All days but the last are
rolled up. The page is asked for each period in turn, ROUNDS times, by one client. What the site keeps for five minutes
(storage and kept seconds) is dropped before every COLD-th request. The last line is JSON.
"""

import os
import sys
import time

from benchmarks import verdict
from benchmarks.load_site import percentile, seeded_site

JOBS, ROUNDS = int(os.environ.get("JOBS", "200000")), int(os.environ.get("ROUNDS", "50"))
COLD = 10
PERIODS = ("month", "7", "30", "90")
LIMITS = {"usage_page_p95_ms": 150}
MINIMUMS = {"entries": 1_000_000}
STORIES, PRICE = 300, 420_000
MINUTES = 1  # between two jobs

AT = f"now() - make_interval(mins => {MINUTES} * g)"
OWN = "CASE WHEN mod(g, 2) = 0 THEN pick.owner ELSE pick.other END"
PROVIDER = "(ARRAY['animatic', 'kling', 'runway', 'luma', 'vidu'])[1 + mod(g, 5)]"
JOB_VALUES = {
    "id": "md5('job' || g)::uuid",
    "workspace_id": OWN,
    "idem_key": "'copy' || g",
    "provider": PROVIDER,
    "state": "'ready'",
    "created_at": AT,
    "started_at": AT,
    "finished_at": AT,
}
CLIP_VALUES = {
    "id": "md5('job' || g)::uuid",
    "job_id": "md5('job' || g)::uuid",
    "workspace_id": OWN,
    "provider": PROVIDER,
    "request": "md5('request' || g)::uuid",
    "created_at": AT,
    "ready_at": AT,
}
FILE_VALUES = {"clip_id": "md5('job' || g)::uuid"}
WALLETS = """
INSERT INTO accounts_wallet (workspace_id, kind, is_unlimited, currency, available, reserved, spent)
SELECT id, 'site', true, 'USD', 0, 0, 0 FROM accounts_workspace"""
HOLDS = """
INSERT INTO accounts_hold (job_id, wallet_id, amount, state, payer, price, price_currency, rate, rated_on, member_id,
                           provider, story_id, charged, written_off, created_at, closed_at)
SELECT job.id, wallet.id, %(price)s, 'settled', 'site', %(price)s, 'USD', 1000000, '2026-11-01', job.created_by_id,
       job.provider, md5((hashtext(job.id::text) %% %(stories)s)::text)::uuid, %(price)s, 0, job.created_at,
       job.finished_at
FROM jobs_job job JOIN accounts_wallet wallet ON wallet.workspace_id = job.workspace_id
WHERE job.finished_at IS NOT NULL"""
ENTRIES = """
INSERT INTO accounts_entry (txn, wallet_id, bucket, amount, job_id, kind, actor, at)
SELECT hold.job_id, hold.wallet_id, movement.bucket, movement.amount, hold.job_id, movement.kind, '', hold.created_at
FROM accounts_hold hold, (VALUES ('available', -{price}, 'reserve'), ('reserved', {price}, 'reserve'),
    ('reserved', -{price}, 'settle'), ('spent', {price}, 'settle'), ('available', 0, 'settle')
) AS movement (bucket, amount, kind)"""


def main() -> None:
    with seeded_site(people=20, clips=100, jobs=100, owner_share=1.0, without_search=True):
        figures = fill_ledger() | roll_up() | measure()
    verdict.report(figures, verdict.list_above(figures, LIMITS) + verdict.list_below(figures, MINIMUMS))


def fill_ledger() -> dict:
    """Copy one job with its clip JOBS times, and write holds and entries without the ledger, which takes hours."""
    from django.db import connection

    from generation.models import Clip, ClipFile
    from jobs.models import Job

    clip = Clip.objects.exclude(ready_at=None)[0]
    file = ClipFile.objects.filter(clip=clip)[0]
    copies = [(Job, clip.job_id, JOB_VALUES), (Clip, clip.pk, CLIP_VALUES), (ClipFile, file.pk, FILE_VALUES)]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no checks of foreign keys, which take half the time
        for model, pk, values in copies:
            cursor.execute(build_copy(model, values), {"pk": pk, "count": JOBS})
        cursor.execute(WALLETS)
        cursor.execute(HOLDS, {"price": PRICE, "stories": STORIES})
        cursor.execute(ENTRIES.format(price=PRICE))
        entries = cursor.rowcount
        cursor.execute("RESET session_replication_role")
        cursor.execute("VACUUM ANALYZE")
    return {"entries": entries}


def build_copy(model, values: dict[str, str]) -> str:
    """Return a statement that copies a row ``count`` times, with other values for some columns."""
    columns = [field.column for field in model._meta.local_fields if field.column != "id" or "id" in values]
    chosen = ", ".join(values.get(name, f'original."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    people = "SELECT min(id::text)::uuid AS other, (SELECT workspace_id FROM generation_clip LIMIT 1) AS owner "
    people += "FROM accounts_workspace WHERE id NOT IN (SELECT workspace_id FROM generation_clip)"
    source = f"{model._meta.db_table} original, ({people}) pick, generate_series(1, %(count)s) g"
    return f"INSERT INTO {model._meta.db_table} ({names}) SELECT {chosen} FROM {source} WHERE original.id = %(pk)s"  # noqa: S608


def roll_up() -> dict:
    from django.db import connection

    from accounts.billing.usage import rollup

    began, days = time.perf_counter(), 0
    while count := rollup.roll_up_days():
        days += count
    seconds = time.perf_counter() - began
    with connection.cursor() as cursor:  # what a server does in the night, before anybody reads the page
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    return {"rolled_up_days": days, "roll_up_ms_a_day": round(seconds * 1000 / max(1, days))}


def measure() -> dict:
    from django.core.cache import cache
    from django.test import Client

    from accounts.models import User
    from studio.management.commands.seed_load import OWNER

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(email=OWNER))
    client.get("/settings/usage/")  # compiles the templates
    taken, cold = [], []
    for number in range(ROUNDS * len(PERIODS)):
        is_cold = number % COLD == 0
        if is_cold:
            cache.delete_many(cache_keys())
        at = time.perf_counter()
        response = client.get("/settings/usage/", {"period": PERIODS[number % len(PERIODS)]})
        taken.append(time.perf_counter() - at)
        if is_cold:
            cold.append(taken[-1])
        if response.status_code != 200:
            sys.exit(f"the page answered {response.status_code}")
    return {
        "usage_page_p50_ms": percentile(taken, 0.5),
        "usage_page_p95_ms": percentile(taken, 0.95),
        "usage_page_cold_p50_ms": percentile(cold, 0.5),
    }


def cache_keys() -> list[str]:
    """Return the keys of what the page keeps for five minutes for the measured person."""
    from accounts.billing.usage import kept, periods, storage
    from accounts.models import Workspace
    from studio.management.commands.seed_load import OWNER

    home = Workspace.objects.get(home_of__email=OWNER)
    return [storage.build_key(home), *(kept.build_key(home, periods.read_period(name)) for name in PERIODS)]


if __name__ == "__main__":
    main()
