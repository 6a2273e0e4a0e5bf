"""Child processes that stop when told, are swept up whole when they die, and never outlive their parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

STOP_MARK = "TAPWARI_STOP_MARK"  # names a file; while it exists, workers leave off and hand their jobs back
PR_SET_PDEATHSIG = 1


class Child:
    """A command in a session of its own, so that a Ctrl-C in the terminal reaches only the parent.

    ``stop`` asks its first process; ``sweep`` kills whatever is left of its group.
    """

    CRASHES, WITHIN = 5, 60  # that many deaths in so many seconds is a loop

    def __init__(self, name: str, command: list[str], *, env: dict[str, str] | None = None):
        self.name, self.command, self.env = name, command, env or {}
        self.process: subprocess.Popen | None = None
        self.started_at = 0.0
        self._deaths: list[float] = []

    def start(self) -> None:
        leash = [sys.executable, "-m", "jobs.worker.child_process", str(os.getpid()), *self.command]
        self.process = subprocess.Popen(leash, env=os.environ | self.env, start_new_session=True)
        self.started_at = time.monotonic()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        if self.is_alive():
            self.process.terminate()

    def wait(self, seconds: float) -> bool:
        """Whether it ended within ``seconds``."""
        if self.process is None:
            return True
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def sweep(self) -> None:
        """Kill every process of the group, also those whose first process is gone."""
        self.kill()
        if self.process is not None:
            self.process.wait()

    def kill(self) -> None:
        """The same without waiting for their end: for signal handlers, where to wait while whom the signal interrupted
        is waiting too would be for ever."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def keep_alive(self) -> bool:
        """Start it again if it has died; False when it keeps dying."""
        if self.is_alive():
            return True
        now = time.monotonic()
        self._deaths = [at for at in self._deaths if now - at < self.WITHIN] + [now]
        self.sweep()
        if len(self._deaths) >= self.CRASHES:
            return False
        time.sleep(min(2.0, 0.2 * len(self._deaths)))
        self.start()
        return True


def is_stopping() -> bool:
    """In a worker: whether the workers are being stopped."""
    mark = os.environ.get(STOP_MARK)
    return bool(mark) and Path(mark).exists()


def _die_with(parent: int) -> None:
    """Have Linux end this process when its parent dies, however that happens. Elsewhere the parent has to see to it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    _die_with(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - the command of a Child, never text from outside
