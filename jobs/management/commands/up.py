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

READY_WITHIN = 180  # a small machine that just started has much else to do; one that dies is noticed at once
TEND_EVERY = 0.5
A_LITTLE = 5  # seconds; and what the workers take themselves
PATIENCE = 30  # seconds for all the others


class Command(BaseCommand):
    help = "Run everything in this terminal until Ctrl-C."
    requires_system_checks = ()  # the ones that matter are run below, each giving one clear sentence

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")

    def handle(self, *args, host, **options):
        self.told = 0
        self.children: list[Child] = []
        self.runner: Child | None = None
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.be_told)
        supervisor.check_folders()
        with supervisor.lock_folder():
            supervisor.check_port(host, settings.PORT)
            try:
                self.start(host)
                self.tend()
            finally:
                self.close()

    def start(self, host):
        if supervisor.wants_valkey():
            self.launch(supervisor.valkey())
            self.wait_for("live updates", lambda: Path(settings.VAR_DIR, "valkey.sock").exists())
        supervisor.migrate(self.say)
        supervisor.build_static(self.say)
        self.launch(supervisor.web(host, settings.PORT))
        self.runner = Child("the job runner", [sys.executable, str(settings.BASE_DIR / "manage.py"), "work"])
        self.launch(self.runner)
        self.wait_for("the web server", lambda: supervisor.answers(host, settings.PORT))
        if not self.told:
            self.say(f"Tapwari is open at {settings.SITE_URL}")
            self.say(f"{supervisor.how_to_sign_in()} Ctrl-C stops everything.")

    def launch(self, child):
        if not self.told:
            self.children.append(child)
            child.start()

    def wait_for(self, what, is_there):
        until = time.monotonic() + READY_WITHIN
        while not self.told and not is_there():
            self.tend_once()
            if time.monotonic() > until:
                raise CommandError(f"{what} did not start within {READY_WITHIN} s; the log above says why.")
            time.sleep(0.1)

    def tend(self):
        while not self.told:
            self.tend_once()
            time.sleep(TEND_EVERY)

    def tend_once(self):
        for child in self.children:
            if not child.is_alive() and not self.told:
                self.say(f"{child.name} stopped unexpectedly; starting it again.")
                if not child.keep_alive():
                    raise CommandError(f"{child.name} keeps stopping; the log above says why.")

    def close(self):
        """Workers first, so that what they hold is handed back; then pages; then live updates."""
        if self.told:
            self.say("Stopping…")
        for child in reversed(self.children):
            child.stop()
            child.wait(stop_timeout() + A_LITTLE if child is self.runner else PATIENCE)
            child.sweep()

    def be_told(self, number, frame):
        """A signal comes at any moment: no lock is taken here, and nobody is waited for."""
        self.told += 1
        if self.told > 1:
            for child in self.children:
                child.stop()  # the job runner takes its second word as "at once" and sweeps up its workers
            time.sleep(0.5)
            for child in self.children:
                child.kill()
            os._exit(1)

    def say(self, words):
        with contextlib.suppress(BrokenPipeError):
            self.stdout.write(words)
            self.stdout.flush()
