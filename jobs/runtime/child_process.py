"""Child processes that can be stopped or killed as a group and never outlive their parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

STOP_MARK = "TAPWARI_STOP_MARK"  # path of a file; while it exists, workers stop and hand back their jobs
PR_SET_PDEATHSIG = 1


class Child:
    """A command in its own session, so that Ctrl-C in the terminal reaches only the parent.

    ``stop`` terminates the first process; ``sweep`` kills the whole group.
    """

    MAX_CRASHES, WITHIN = 5, 60  # that many in so many seconds are a crash loop

    def __init__(self, name: str, command: list[str], *, env: dict[str, str] | None = None):
        self.name, self.command, self.env = name, command, env or {}
        self.process: subprocess.Popen | None = None
        self.started_at = 0.0
        self._crashes: list[float] = []

    def start(self) -> None:
        command = [sys.executable, "-m", "jobs.runtime.child_process", str(os.getpid()), *self.command]
        self.process = subprocess.Popen(command, env=os.environ | self.env, start_new_session=True)
        self.started_at = time.monotonic()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        if self.process is not None and self.is_alive():
            self.process.terminate()

    def wait(self, seconds: float) -> bool:
        """Return whether the process ended within ``seconds``."""
        if self.process is None:
            return True
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def sweep(self) -> None:
        """Kill the group and wait for its first process."""
        self.kill()
        if self.process is not None:
            self.process.wait()

    def kill(self) -> None:
        """Kill the group without waiting, for signal handlers, which could deadlock with the interrupted code."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def keep_alive(self) -> bool:
        """Restart the process if it died. Returns False if it keeps dying."""
        if self.is_alive():
            return True
        now = time.monotonic()
        self._crashes = [at for at in self._crashes if now - at < self.WITHIN] + [now]
        self.sweep()
        if len(self._crashes) >= self.MAX_CRASHES:
            return False
        time.sleep(min(2.0, 0.2 * len(self._crashes)))
        self.start()
        return True


def is_stopping() -> bool:
    """Return whether the workers are being stopped; used in workers."""
    mark = os.environ.get(STOP_MARK)
    return bool(mark and Path(mark).exists())


def _die_with(parent: int) -> None:
    """Have Linux end this process when its parent dies. On other systems the parent has to end it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    _die_with(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - the command of a Child, never text from outside
