"""Buy a thousand packs at the fake of Stripe while processes are killed, and count what was lost or granted twice.

A web process takes the fake's events, each of which comes twice and in no order. Two buyers begin purchases and pay
them; two workers apply events. As work proceeds, each process is killed (SIGKILL) at one of its POINTS or at any moment
(RISKS), and starts again at once. In the end every workspace must have the credit of one pack: ``lost`` counts those
with less although they paid, ``double`` those with more, or with two payments.

``kills`` counts all processes that died, ``kills_at_a_point`` those at the point where the fewest did.
``webhook_p95_ms`` is the time until an event is answered, ``applied_p95_s`` the time until it is applied, which kills
prolong. PURCHASES changes the size. It runs on PostgreSQL. The last line is JSON.
"""

import json
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks import verdict
from tests.servers import free_ports, postgres, postgres_url

PURCHASES = int(os.environ.get("PURCHASES", "1000"))
POINTS = {
    "buy": ("purchase-begun", "session-opened"),
    "apply": ("event-claimed", "session-fetched", "payment-applied"),
}
RISKS = {"buy": 0.06, "apply": 0.08, "any moment": 0.04}  # of a death for each purchase, event, and paid purchase
BUYERS, WORKERS = 2, 2
LIMITS = {"lost": 0, "double": 0, "webhook_p95_ms": 200}
MINIMUMS = {"purchases": 1000, "kills": 100, "kills_at_a_point": 10}
TIMEOUT = 1800.0
CREDIT = 12_000_000


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tapwari-purchases-") as name, postgres() as database:
        web, fake = free_ports(2)
        variables = {
            "TAPWARI_VAR": name,
            "FAILPOINT_DIR": name,
            "DATABASE_URL": postgres_url(database),
            "TESTING": "yes",
            "BILLING": "on",
            "STRIPE_SECRET_KEY": "sk_test_fake0123456789",
            "PORT": str(web),
            "LOG_LEVEL": "CRITICAL",
            "STRIPE_WEBHOOK_SECRETS": "whsec_fake_0123456789abcdef",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "STRIPE_API_BASE": f"http://127.0.0.1:{fake}/stripe",
            "FAKE_PORT": str(fake),
            "DATABASE_POOL": "4",
        }
        env = os.environ | variables
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], env=env, check=True)
        command = [sys.executable, "-m", __spec__.name]
        with subprocess.Popen([*command, "fake"], env=env, stdin=subprocess.PIPE) as server:
            done = subprocess.run([*command, "run"], env=env, stdout=subprocess.PIPE, text=True, check=True)
            server.communicate()
        figures = json.loads(done.stdout.splitlines()[-1]) | json.loads(Path(name, "fake.json").read_text())
    verdict.report(figures, verdict.list_above(figures, LIMITS) + verdict.list_below(figures, MINIMUMS))


def run_fake() -> None:
    """Serve the fake until the standard input closes, then write how long its events took to be answered."""
    from tests.fakes.server import FakeServer
    from tests.fakes.stripe import StripeFake

    class Twice(StripeFake):
        def deliver(self, event):
            for _ in range(2):
                time.sleep(random.random() / 2)
                super().deliver(event)
            return 200

    fake = Twice(f"http://localhost:{os.environ['PORT']}/payments/stripe/")
    with FakeServer([fake], int(os.environ["FAKE_PORT"])):
        sys.stdin.read()
    ranked = sorted(fake.answered_in) or [0.0]
    figures = {"webhook_p95_ms": round(ranked[int(len(ranked) * 0.95)] * 1000), "events_sent": len(ranked)}
    Path(os.environ["TAPWARI_VAR"], "fake.json").write_text(json.dumps(figures))


def run() -> None:
    """Start the processes again and again until every workspace has paid and every event is applied."""
    import django

    django.setup()
    from django.db import connections

    workspaces = create_workspaces()
    connections.close_all()
    shares = [workspaces[n::BUYERS] for n in range(BUYERS)]
    alive = {fork(serve_web): serve_web}
    wait_for_web()
    tasks = [*(lambda share=share: buy_all(share) for share in shares), *[apply_all] * WORKERS]
    alive |= {fork(task): task for task in tasks}
    began, kills, paid, is_done = time.monotonic(), 0, 0, False
    while time.monotonic() < began + TIMEOUT and not is_done:
        before, (paid, is_done) = paid, read_progress(len(workspaces))
        kill_some(alive, paid - before)
        kills += restart_dead(alive)
        time.sleep(0.1)
    seconds = round(time.monotonic() - began)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    figures = count(workspaces) | {
        "kills": kills,
        "kills_at_a_point": min(count_kills().values()),
        "purchases_s": seconds,
    }
    sys.stdout.write(f"killed at: {count_kills()}\n{json.dumps(figures)}\n")


def restart_dead(alive: dict) -> int:
    """Start the tasks of processes that died again. Returns how many were killed."""
    kills = 0
    while alive and (found := os.waitpid(-1, os.WNOHANG)) != (0, 0):
        pid, status = found
        task = alive.pop(pid)
        kills += os.WIFSIGNALED(status)
        if status:  # buyers end with 0
            alive[fork(task)] = task
    return kills


def wait_for_web() -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", int(os.environ["PORT"]))).close()
        except OSError:
            time.sleep(0.2)
        else:
            return


def kill_some(alive: dict, paid: int) -> None:
    """Kill processes at this moment, which is a random one for them. ``paid``: purchases since the last call."""
    for _ in range(paid):
        victims = [pid for pid, task in alive.items() if task is not serve_web]
        if victims and random.random() < RISKS["any moment"]:
            os.kill(random.choice(victims), signal.SIGKILL)


def take_risk(task: str, count: int = 1) -> None:
    """Let this process die at one of its points, with the risk of ``count`` purchases or events."""
    if random.random() < RISKS[task] * count:
        os.environ["FAILPOINTS"] = f"{random.choice(POINTS[task])}=kill"


def count_kills() -> dict[str, int]:
    """Return how many processes died at each point. A point leaves a file for each death."""
    folder = Path(os.environ["FAILPOINT_DIR"])
    return {name: len(list(folder.glob(f"failpoint-{name}-*"))) for names in POINTS.values() for name in names}


def fork(task) -> int:
    """Run a task in a child."""
    if pid := os.fork():
        return pid
    random.seed(os.getpid() ^ time.monotonic_ns())
    try:
        task()
    except BaseException as error:  # noqa: BLE001 - the parent starts the task again
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(1)
    os._exit(0)


def create_workspaces() -> list:
    from accounts.billing.models import Pack
    from tests.factories import UserFactory

    Pack.objects.create(code="small", name="Small pack", amount=CREDIT, currency="USD", credit=CREDIT)
    return [UserFactory(password=None).pk for _ in range(PURCHASES)]


def serve_web() -> None:
    from django.core.servers.basehttp import run
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()  # sets up the logging
    logging.getLogger("django.server").setLevel(logging.ERROR)
    run("127.0.0.1", int(os.environ["PORT"]), application, threading=True)


def buy_all(users: list) -> None:
    """Let each user buy one pack. One whose buyer was killed opens the page again, and sees at Stripe what was paid."""
    import requests

    from accounts.billing.models import Pack
    from accounts.billing.payments import purchases
    from accounts.billing.payments.models import Purchase
    from accounts.models import User

    pack, settled = Pack.objects.get(), Purchase.objects.exclude(status__in=Purchase.LIVE)
    terms = {"provider": "stripe", "agreed_words": "-"}
    buyers = User.objects.filter(pk__in=users).exclude(home__in=settled.values("workspace"))
    for user in list(buyers.select_related("home").order_by("pk")):
        take_risk("buy")
        known = Purchase.objects.filter(workspace=user.home).exclude(session_ref=None).first()  # perhaps paid
        url = (known or purchases.buy(user.home, purchases.offer_pack(pack), **terms, by=user)).url
        if url and "<form" in requests.get(url, timeout=30).text:
            requests.post(url, {"how": "paid"}, timeout=30, allow_redirects=False)


def apply_all() -> None:
    from datetime import timedelta

    from accounts.billing.payments import events, worker

    events.CLAIM = timedelta(seconds=5)  # a dead worker's events are taken over sooner than usual
    while True:
        take_risk("apply", events.apply_due_events(5))
        if random.random() < 0.01:
            worker.reconcile()
        time.sleep(0.05)


def read_progress(purchases: int) -> tuple[int, bool]:
    """Return how many purchases are paid, and whether all are and no event is left to apply."""
    from django.db import connections

    from accounts.billing.payments.models import PaymentEvent, Purchase

    try:
        paid = Purchase.objects.filter(status="paid").count()
        return paid, paid >= purchases and not PaymentEvent.objects.filter(done_at=None).exists()
    finally:
        connections.close_all()  # the next process is forked from this one


def count(users: list) -> dict:
    from accounts.billing import ledger
    from accounts.billing.models import Grant
    from accounts.billing.payments.models import PaymentEvent, Purchase
    from accounts.models import User

    balances = [ledger.get_balance(user.workspaces.get()) or 0 for user in User.objects.filter(pk__in=users)]
    payments = Counter(Purchase.objects.exclude(payment_ref=None).values_list("workspace_id", flat=True))
    events = PaymentEvent.objects.exclude(done_at=None)
    seconds = sorted((event.done_at - event.came_at).total_seconds() for event in events) or [0.0]
    return {
        "purchases": Purchase.objects.filter(status="paid").count(),
        "lost": sum(balance < CREDIT for balance in balances),
        "double": sum(balance > CREDIT for balance in balances) + sum(n > 1 for n in payments.values()),
        "grants": Grant.objects.count(),
        "events": events.count(),
        "applied_p95_s": round(seconds[int(len(seconds) * 0.95)], 2),
    }


if __name__ == "__main__":
    {"fake": run_fake, "run": run}.get("".join(sys.argv[1:2]), main)()
