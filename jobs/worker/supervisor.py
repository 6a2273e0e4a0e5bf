"""The processes of ``up``: start them, restart those that die, stop them all.

``up`` prepares the studio and then becomes this program, which imports only the standard library: it mostly waits.
"""

import contextlib
import http.client
import json
import os
import select
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from jobs.runtime.child_process import Child
from jobs.worker.code_watch import CodeWatch

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
START_TIMEOUT = 180  # seconds; a small machine may be slow, and a process that dies is noticed at once
START_CHECK = 0.1  # seconds
STOP_TIMEOUT = 30  # seconds for Valkey and the web server
CODE_CHECK = 0.5  # seconds between two looks at the code, with ``./run --dev``


@dataclass(frozen=True)
class Service:
    """A process of ``up``. ``stop_seconds``: how long it has to stop before it is killed."""

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)
    stop_seconds: float = STOP_TIMEOUT


@dataclass(frozen=True)
class Plan:
    """What ``up`` runs, and ``messages`` for the user as soon as the web server responds at ``host`` and ``port``.

    A change of code in the folders ``code`` restarts the web server and the job runner.
    """

    web: Service
    work: Service
    host: str
    port: int
    messages: list[str]
    valkey: Service | None = None
    valkey_socket: str = ""
    code: list[str] = field(default_factory=list)


def become_supervisor(plan: Plan) -> None:
    """Replace this process by a supervisor with this plan. Never returns.

    Blocked signals stay blocked until the supervisor can handle them, and locked files must be inheritable.
    """
    os.execv(sys.executable, [sys.executable, "-m", "jobs.worker.supervisor", json.dumps(asdict(plan))])  # noqa: S606


def load_plan(text: str) -> Plan:
    values = json.loads(text)
    services = {name: Service(**values[name]) for name in ("web", "work", "valkey") if values[name]}
    return Plan(**values | services)


class Supervisor:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.signals = 0
        self.children: list[tuple[Child, Service]] = []
        self.code = CodeWatch(plan.code) if plan.code else None

    def _listen(self) -> None:
        """Handle signals from now on."""
        self._news, news = os.pipe()  # gets a byte with each signal, also when a child ends
        os.set_blocking(news, False)
        signal.set_wakeup_fd(news, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        for number in STOP_SIGNALS:
            signal.signal(number, self.handle_signal)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def run(self) -> None:
        """Run everything until a signal. Raises SystemExit with a sentence if a process keeps dying."""
        self._listen()
        try:
            self._start()
            while not self.signals:
                if self.code and self.code.has_changed():
                    self._reload()
                self._restart_dead()
                self._wait(CODE_CHECK if self.code else None)
        finally:
            self._close()

    def _start(self) -> None:
        plan = self.plan
        if plan.valkey:
            self._launch(plan.valkey)
            self._wait_for("live updates", lambda: Path(plan.valkey_socket).exists())
        self._launch(plan.web)
        self._launch(plan.work)
        self._wait_for("the web server", lambda: is_web_up(plan.host, plan.port))
        if not self.signals:
            for message in plan.messages:
                say(message)

    def _launch(self, service: Service) -> None:
        if not self.signals:
            child = Child(service.name, service.command, env=service.env)
            self.children.append((child, service))
            child.start()

    def _wait_for(self, name: str, is_ready) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not self.signals and not is_ready():
            self._restart_dead()
            if time.monotonic() > deadline and not self.code:
                sys.exit(f"{name} did not start within {START_TIMEOUT} s; the log above says why.")
            self._wait(START_CHECK)

    def _wait(self, seconds: float | None = None) -> None:
        """Wait until a signal arrives or a child ends, at most for ``seconds``."""
        if select.select([self._news], [], [], seconds)[0]:
            os.read(self._news, 4096)

    def _restart_dead(self) -> None:
        for child, service in self.children:
            if not child.is_alive() and not self.signals:
                if self.code and service != self.plan.valkey:
                    self._wait_for_change(child)
                    return
                say(f"{child.name} stopped unexpectedly; starting it again.")
                if not child.keep_alive():
                    sys.exit(f"{child.name} keeps stopping; the log above says why.")

    def _wait_for_change(self, child: Child) -> None:
        """Wait until the code that stopped the child is mended, then start everything with it."""
        say(f"{child.name} stopped; it starts again when the code changes.")
        while not self.signals and self.code and not self.code.has_changed():
            self._wait(CODE_CHECK)
        if not self.signals:
            self._reload()

    def _reload(self) -> None:
        """Start the web server and the job runner again."""
        say("The code changed; starting again.")
        services = (self.plan.web, self.plan.work)
        reloaded = [(child, service) for child, service in self.children if service in services]
        self._stop(reloaded)
        for child, _service in reloaded:
            if not self.signals:
                child.start()

    def _close(self) -> None:
        if self.signals:
            say("Stopping…")
        self._stop(self.children)

    def _stop(self, children: list[tuple[Child, Service]]) -> None:
        """Stop the workers first, so that they hand back their jobs, then the web server, then Valkey."""
        for child, service in reversed(children):
            child.stop()
            child.wait(service.stop_seconds)
            child.sweep()

    def handle_signal(self, number, frame) -> None:
        """Count the signal without a lock. On the second one, kill everything."""
        self.signals += 1
        if self.signals > 1:
            for child, _service in self.children:
                child.stop()  # the job runner kills its workers on its second signal
            time.sleep(0.5)
            for child, _service in self.children:
                child.kill()
            os._exit(1)


def is_web_up(host: str, port: int) -> bool:
    """Return whether the site serves pages."""
    client = http.client.HTTPConnection(host, port, timeout=2)
    try:
        client.request("GET", "/healthz/")
        return client.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        client.close()


def say(text: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    Supervisor(load_plan(sys.argv[1])).run()
