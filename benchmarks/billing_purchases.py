"""Buy a thousand packs at the fake of Stripe while processes are killed, and count what was lost or granted twice.

A web process takes the fake's events, each of which comes twice and in no order. Two buyers begin purchases and pay
them; two workers apply events. Each process is killed (SIGKILL) at a random one of POINTS, or at any moment, and starts
again at once. In the end every workspace must have the credit of one pack: ``lost`` counts those with less although
they paid, ``double`` those with more, or with two payments.

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
import threading
import time
from collections import Counter
from pathlib import Path

from benchmarks import verdict
from tests.servers import free_ports, postgres, postgres_url

PURCHASES = int(os.environ.get("PURCHASES", "1000"))
POINTS = ["purchase-begun", "session-opened", "event-claimed", "session-fetched", "payment-applied"]
BUYERS, WORKERS = 2, 2
LIMITS = {"lost": 0, "double": 0, "webhook_p95_ms": 200}
MINIMUMS = {"purchases": 1000, "kills": 100}
TIMEOUT = 1800.0
CREDIT = 12_000_000


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tapwari-purchases-") as name, postgres() as database:
        web, fake = free_ports(2)
        variables = {
            "TAPWARI_VAR": name, "FAILPOINT_DIR": name, "DATABASE_URL": postgres_url(database), "TESTING": "yes",
            "BILLING": "on", "STRIPE_SECRET_KEY": "sk_test_fake0123456789", "PORT": str(web), "LOG_LEVEL": "CRITICAL",
            "STRIPE_WEBHOOK_SECRETS": "whsec_fake_0123456789abcdef", "DJANGO_SETTINGS_MODULE": "config.settings",
            "STRIPE_API_BASE": f"http://127.0.0.1:{fake}/stripe", "FAKE_PORT": str(fake), "DATABASE_POOL": "4",
        }  # fmt: skip
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
    alive = {fork(serve_web, is_killed=False): serve_web}
    wait_for_web()
    tasks = [*(lambda share=share: buy_all(share) for share in shares), *[apply_all] * WORKERS]
    alive |= {fork(task, is_killed=True): task for task in tasks}
    kills, deadline = 0, time.monotonic() + TIMEOUT
    while time.monotonic() < deadline and not is_done(alive, workspaces):
        kill_one(alive)
        pid, status = os.waitpid(-1, os.WNOHANG)
        while pid:
            task = alive.pop(pid)
            kills += os.WIFSIGNALED(status)
            if status:  # buyers end with 0
                alive[fork(task, is_killed=task is not serve_web)] = task
            pid, status = os.waitpid(-1, os.WNOHANG) if alive else (0, 0)
        time.sleep(0.1)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    sys.stdout.write(json.dumps(count(workspaces) | {"kills": kills}) + "\n")


def wait_for_web() -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", int(os.environ["PORT"]))).close()
        except OSError:
            time.sleep(0.2)
        else:
            return


def kill_one(alive: dict) -> None:
    """Kill a random process at a random moment; its death is counted when it is waited for."""
    victims = [pid for pid, task in alive.items() if task is not serve_web]
    if victims and random.random() < 0.05:
        os.kill(random.choice(victims), signal.SIGKILL)


def fork(task, *, is_killed: bool) -> int:
    """Run a task in a child. It gets a point at which it dies, some time after its start."""
    if pid := os.fork():
        return pid
    random.seed(os.getpid() ^ time.monotonic_ns())
    if is_killed:
        threading.Timer(random.uniform(0.2, 4), arm).start()
    try:
        task()
    except BaseException as error:  # noqa: BLE001 - the parent starts the task again
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(1)
    os._exit(0)


def arm() -> None:
    os.environ["FAILPOINTS"] = f"{random.choice(POINTS)}=kill"


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
    """Let each user buy one pack. A buyer that was killed clicks again, and sees at Stripe what was paid."""
    import requests

    from accounts.billing.models import Pack
    from accounts.models import User
    from accounts.payments import purchases
    from accounts.payments.models import Purchase

    pack = Pack.objects.get()
    for user in User.objects.filter(pk__in=users).order_by("pk").iterator():
        home = user.workspaces.get()
        if Purchase.objects.filter(workspace=home).exclude(status__in=Purchase.LIVE).exists():
            continue
        bought = purchases.buy(home, purchases.offer_pack(pack), by=user, provider="stripe", agreed_words="-")
        if "<form" in requests.get(bought.url, timeout=30).text:
            requests.post(bought.url, {"how": "paid"}, timeout=30, allow_redirects=False)


def apply_all() -> None:
    from datetime import timedelta

    from accounts.payments import events, worker

    events.CLAIM = timedelta(seconds=5)  # a dead worker's events are taken over sooner than usual
    while True:
        events.apply_due_events(5)
        if random.random() < 0.01:
            worker.reconcile()
        time.sleep(0.05)


def is_done(alive: dict, users: list) -> bool:
    """Return whether the buyers have ended and every event is applied. The parent keeps no connection: it forks."""
    from django.db import connections

    from accounts.payments.models import PaymentEvent, Purchase

    is_buying = any(task not in (serve_web, apply_all) for task in alive.values())
    try:
        paid = Purchase.objects.filter(status="paid").count()
        return not is_buying and paid >= len(users) and not PaymentEvent.objects.filter(done_at=None).exists()
    finally:
        connections.close_all()


def count(users: list) -> dict:
    from accounts.billing import ledger
    from accounts.billing.models import Grant
    from accounts.models import User
    from accounts.payments.models import PaymentEvent, Purchase

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
