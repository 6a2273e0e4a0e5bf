"""The whole studio in one terminal: Valkey, web server, dispatcher and workers. ``./run`` ends here."""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from jobs.management.commands.work import stop_timeout
from jobs.worker import supervisor
from jobs.worker.child_process import Child

START_TIMEOUT = 180  # seconds; a small machine may be slow, and a process that dies is noticed at once
CHECK_EVERY = 0.5  # seconds
SPARE_SECONDS = 5  # beyond the time that the workers take to stop
STOP_TIMEOUT = 30  # seconds for all other processes


class Command(BaseCommand):
    help = "Run everything in this terminal until Ctrl-C."
    requires_system_checks = ()  # the necessary ones are run below, with one sentence each

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")

    def handle(self, *args, host, **options):
        self.signals = 0
        self.children: list[Child] = []
        self.runner: Child | None = None
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.handle_signal)
        supervisor.check_folders()
        with supervisor.lock_folder():
            supervisor.check_port(host, settings.PORT)
            try:
                self.start(host)
                self.run()
            finally:
                self.close()

    def start(self, host):
        if supervisor.needs_valkey():
            self.launch(supervisor.build_valkey())
            self.wait_for("live updates", lambda: Path(settings.VAR_DIR, "valkey.sock").exists())
        supervisor.migrate(self.say)
        supervisor.build_static(self.say)
        self.launch(supervisor.web(host, settings.PORT))
        self.runner = Child("the job runner", [sys.executable, str(settings.BASE_DIR / "manage.py"), "work"])
        self.launch(self.runner)
        self.wait_for("the web server", lambda: supervisor.is_web_up(host, settings.PORT))
        if not self.signals:
            self.say(f"Tapwari is open at {settings.SITE_URL}")
            self.say(f"{supervisor.sign_in_hint()} Ctrl-C stops everything.")

    def launch(self, child):
        if not self.signals:
            self.children.append(child)
            child.start()

    def wait_for(self, name, is_ready):
        deadline = time.monotonic() + START_TIMEOUT
        while not self.signals and not is_ready():
            self.restart_dead()
            if time.monotonic() > deadline:
                raise CommandError(f"{name} did not start within {START_TIMEOUT} s; the log above says why.")
            time.sleep(0.1)

    def run(self):
        while not self.signals:
            self.restart_dead()
            time.sleep(CHECK_EVERY)

    def restart_dead(self):
        for child in self.children:
            if not child.is_alive() and not self.signals:
                self.say(f"{child.name} stopped unexpectedly; starting it again.")
                if not child.keep_alive():
                    raise CommandError(f"{child.name} keeps stopping; the log above says why.")

    def close(self):
        """Stop the workers first, so that they hand back their jobs, then the web server, then Valkey."""
        if self.signals:
            self.say("Stopping…")
        for child in reversed(self.children):
            child.stop()
            child.wait(stop_timeout() + SPARE_SECONDS if child is self.runner else STOP_TIMEOUT)
            child.sweep()

    def handle_signal(self, number, frame):
        """Count the signal without a lock. On the second one, kill everything."""
        self.signals += 1
        if self.signals > 1:
            for child in self.children:
                child.stop()  # the job runner kills its workers on its second signal
            time.sleep(0.5)
            for child in self.children:
                child.kill()
            os._exit(1)

    def say(self, text):
        with contextlib.suppress(BrokenPipeError):
            self.stdout.write(text)
            self.stdout.flush()
