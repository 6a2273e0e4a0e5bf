"""The whole studio in one terminal: Valkey, web server, dispatcher and workers. ``./run`` ends here."""

import os
import signal
import sys

from django.conf import settings
from django.core.management.base import BaseCommand

from jobs.management.commands.work import stop_timeout
from jobs.worker import startup, supervisor
from jobs.worker.supervisor import Plan, Service

SPARE_SECONDS = 5  # beyond the time that the workers take to stop


class Command(BaseCommand):
    help = "Run everything in this terminal until Ctrl-C."
    requires_system_checks = ()  # the necessary ones are run below, with one sentence each

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--dev", action="store_true", help="with DEBUG, and start again when the code changes")

    def handle(self, *args, host, dev, **options):
        self.signals = 0
        for number in supervisor.STOP_SIGNALS:
            signal.signal(number, self.count_signal)
        startup.check_folders()
        with startup.lock_folder() as lock:
            startup.check_port(host, settings.PORT)
            startup.migrate(supervisor.say)
            startup.build_static(supervisor.say)
            plan = build_plan(host)
            plan = startup.watch_code(plan) if dev else plan
            # The supervisor keeps the lock, and unblocks the signals when it can handle them.
            os.set_inheritable(lock.fileno(), True)
            signal.pthread_sigmask(signal.SIG_BLOCK, supervisor.STOP_SIGNALS)
            if not self.signals:
                supervisor.become_supervisor(plan)

    def count_signal(self, number, frame):
        """Stop after the migration that is running, or at once on the second signal."""
        self.signals += 1
        if self.signals > 1:
            os._exit(1)


def build_plan(host: str) -> Plan:
    """Return what the supervisor runs."""
    work = [sys.executable, str(settings.BASE_DIR / "manage.py"), "work"]
    return Plan(
        web=startup.build_web(host, settings.PORT),
        work=Service("the job runner", work, stop_seconds=stop_timeout() + SPARE_SECONDS),
        host=host,
        port=settings.PORT,
        messages=[
            f"Tapwari is open at {settings.SITE_URL}",
            f"{startup.sign_in_hint()} Ctrl-C stops everything.",
        ],
        valkey=startup.build_valkey() if startup.needs_valkey() else None,
        valkey_socket=str(startup.valkey_socket()),
    )
