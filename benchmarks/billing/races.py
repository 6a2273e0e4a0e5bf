"""Let 50 threads grant and spend at the same moment, RACES times: python -m benchmarks.billing.races sqlite|postgres.

In each race all threads grant the same credit for five jobs under one key, then reserve the price of a job each.
``over_granted`` counts grants beyond one and jobs beyond five, ``under_granted`` those that are missing, ``unbalanced``
wallets that do not match their entries and grants.
"""

import json
import os
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from benchmarks.billing.site import fresh_site

RACES, THREADS, PAID_JOBS = int(os.environ.get("RACES", "200")), 50, 5
COIN = 1_000_000
LIMITS = {"over_granted": 0, "under_granted": 0, "failures": 0, "unbalanced": 0}
MINIMUMS = {"races": 400}  # 200 on each database


def main(database: str) -> None:
    with fresh_site(database):
        sys.stdout.write(json.dumps(measure()) + "\n")


def measure() -> dict:
    from accounts.billing import grants
    from jobs import maintenance

    over = under = failures = 0
    with ThreadPoolExecutor(THREADS) as pool:
        for race in range(RACES):
            granted, started, failed = run_race(pool, race)
            over += max(0, granted - 1) + max(0, started - PAID_JOBS)
            under += max(0, 1 - granted) + max(0, PAID_JOBS - started)
            failures += failed
    checks = (maintenance.check_movements_add_up, maintenance.check_wallets_match_entries)
    unbalanced = sum(1 for check in checks for _violation in check()) + grants.find_unbalanced_wallets().count()
    return {
        "races": RACES,
        "over_granted": over,
        "under_granted": under,
        "failures": failures,
        "unbalanced": unbalanced,
    }


def run_race(pool: ThreadPoolExecutor, race: int) -> tuple[int, int, int]:
    """Return how many threads granted, how many reserved, and how many met an unexpected error."""
    from django.db import DatabaseError

    from accounts.billing import grants, ledger
    from accounts.models import Workspace

    workspace = Workspace.objects.create(name=f"race {race}")
    start = Barrier(THREADS, timeout=120)

    def run(_n: int) -> tuple[int, int, int]:
        start.wait()
        try:
            _grant, is_new = grants.add_grant(workspace, source="pack", key=f"race {race}", amount=PAID_JOBS * COIN)
            ledger.reserve(workspace, job_id=uuid.uuid4(), amount=COIN)
        except ledger.InsufficientFunds:
            return int(is_new), 0, 0
        except DatabaseError as error:
            sys.stderr.write(f"{error}\n")
            return 0, 0, 1
        return int(is_new), 1, 0

    outcomes = list(pool.map(run, range(THREADS)))
    granted, started, failed = (sum(column) for column in zip(*outcomes, strict=True))
    return granted, started, failed


if __name__ == "__main__":
    main(sys.argv[1])
