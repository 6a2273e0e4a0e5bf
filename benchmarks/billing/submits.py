"""Measure how much longer a submit takes with billing: python -m benchmarks.billing.submits sqlite|postgres.

The same job is submitted in turn in a workspace without limits, with billing off, and in one with five grants and two
caps, with billing on. ``submit_extra_ms`` is the difference of the medians.
"""

import json
import os
import statistics
import sys
import time
import uuid

from benchmarks.billing.site import fresh_site

SUBMITS = int(os.environ.get("SUBMITS", "400"))
COIN = 1_000_000
LIMITS = {"submit_extra_ms": 2}
MINIMUMS: dict[str, float] = {}


def main(database: str) -> None:
    with fresh_site(database, JOBS_PER_WORKSPACE="1000000"):
        sys.stdout.write(json.dumps(measure()) + "\n")


def measure() -> dict:
    from django.conf import settings

    from accounts.access import get_home
    from accounts.billing import grants
    from accounts.billing.models import Cap
    from accounts.models import User

    users = [User.objects.create_user(f"person{n}@example.test", None) for n in range(2)]
    homes = [get_home(user) for user in users]
    for n in range(5):
        grants.add_grant(homes[1], source="pack", key=str(n), amount=1000 * COIN)
    for scope, period in ((Cap.Scope.WORKSPACE, Cap.Period.MONTH), (Cap.Scope.MEMBER, Cap.Period.DAY)):
        Cap.objects.create(workspace=homes[1], scope=scope, period=period, amount=100 * COIN)
    taken: tuple[list[float], list[float]] = ([], [])
    for n in range(2 * SUBMITS + 40):
        has_billing = n % 2
        settings.BILLING = bool(has_billing)
        seconds = submit(homes[has_billing], users[has_billing])
        if n >= 40:  # the first ones open connections and fill caches
            taken[has_billing].append(seconds)
    without, with_billing = (statistics.median(seconds) * 1000 for seconds in taken)
    return {"submit_ms": round(without, 2), "submit_extra_ms": round(with_billing - without, 2)}


def submit(workspace, user) -> float:
    """Submit one paid job. Returns the seconds that it took."""
    from jobs import services

    at = time.perf_counter()
    services.submit(
        workspace=workspace,
        by=user,
        kind="clip_elsewhere",
        title="a cat",
        params={},
        provider="kling",
        price=1000,
        idem_key=uuid.uuid4().hex,
    )
    return time.perf_counter() - at


if __name__ == "__main__":
    main(sys.argv[1])
