"""Run a tool on the files of one job in a sandbox: own directory, empty environment, hard limits, deadline,
cancellation."""

import contextlib
import os
import selectors
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from generation.media.errors import Cancelled, MediaRefused

LAUNCHER = Path(__file__).with_name("launcher.py")
POLL_SECONDS = 0.1  # seconds between checks of the deadlines and of cancellation
MAX_KEPT_OUTPUT = 64 * 1024  # bytes per stream; a hostile file can make a tool print endlessly
MIB, GIB = 1024**2, 1024**3


@dataclass(frozen=True)
class ChildLimits:
    """Limits of one child process.

    The number of processes is not limited, because RLIMIT_NPROC counts all processes of the user.
    """

    memory: int = 2 * GIB  # bytes of address space, for a decoder and an encoder together (docs/adr/0011)
    cpu_seconds: int = 600
    file_bytes: int = 1 * GIB  # per file written
    wall_seconds: float = 900.0
    silent_seconds: float = 60.0  # without progress (see `run_child`) the child counts as hung

    def as_rlimits(self) -> str:
        """Format the limits for the launcher."""
        return f"AS={self.memory},CPU={self.cpu_seconds},FSIZE={self.file_bytes},CORE=0,NOFILE=64"


@dataclass(frozen=True)
class ProcessResult:
    """How a child process ended. `ended`: "done", "failed", "slow" (wall clock), "stalled" or "killed" (by a limit)."""

    ended: str
    code: int
    output: str
    errors: str


@contextlib.contextmanager
def private_directory(parent: Path) -> Iterator[Path]:
    """Create a directory only this user can enter (0700); deleted with its contents afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="media-", dir=parent))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def add_input_file(source: Path, directory: Path, name: str) -> Path:
    """Link or copy `source` into a job's directory as `name`. Raises MediaRefused unless `source` is a regular file."""
    if not stat.S_ISREG(source.stat(follow_symlinks=False).st_mode):
        raise MediaRefused("not_a_file", "This is not an ordinary file.")
    target = directory / name
    link_or_copy(source, target)
    return target


def link_or_copy(source: Path, target: Path) -> None:
    """Hard-link a file where possible, else copy it."""
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):  # another file system, or links are forbidden
        shutil.copyfile(source, target, follow_symlinks=False)


def run_child(
    argv: Sequence[str],
    *,
    directory: Path,
    limits: ChildLimits,
    on_line: Callable[[str], bool] = lambda line: True,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> ProcessResult:
    """Run `argv` (absolute program first) in `directory` and wait for its end.

    `on_line` receives each line of standard output and returns whether the line shows progress. Raises Cancelled within
    0.3 s after `is_cancelled()` becomes true. The process group is killed in any case.
    """
    command = [sys.executable, "-I", "-S", str(LAUNCHER), limits.as_rlimits(), *argv]
    process = subprocess.Popen(
        command,
        cwd=directory,
        env={"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        return _ProcessMonitor(process, limits, on_line, is_cancelled).wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


class _ProcessMonitor:
    """Reads both output streams of a child process without threads and enforces its deadlines."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        limits: ChildLimits,
        on_line: Callable[[str], bool],
        is_cancelled: Callable[[], bool],
    ) -> None:
        assert process.stdout and process.stderr
        self.process, self.limits, self.on_line, self.is_cancelled = process, limits, on_line, is_cancelled
        self.streams = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
        self.stdout, self.stderr = process.stdout.fileno(), process.stderr.fileno()
        self.rest = b""
        self.started = self.last_sign = time.monotonic()

    def wait(self) -> ProcessResult:
        with selectors.DefaultSelector() as selector:
            for number in self.streams:
                os.set_blocking(number, False)
                selector.register(number, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select(POLL_SECONDS):
                    if not self._read(key.fd):
                        selector.unregister(key.fd)
                if exceeded := self._check_limits():
                    return self._build_result(exceeded, -signal.SIGKILL)
        return self._wait_for_exit()

    def _check_limits(self) -> str:
        if self.is_cancelled():
            raise Cancelled
        now = time.monotonic()
        if now - self.started > self.limits.wall_seconds:
            return "slow"
        return "stalled" if now - self.last_sign > self.limits.silent_seconds else ""

    def _wait_for_exit(self) -> ProcessResult:
        code = self.process.wait(timeout=self.limits.silent_seconds)
        if code == 0:
            return self._build_result("done", 0)
        by_limit = code in (-signal.SIGXCPU, -signal.SIGXFSZ, -signal.SIGKILL)
        return self._build_result("killed" if by_limit else "failed", code)

    def _read(self, number: int) -> bool:
        chunk = os.read(number, 65536)
        kept = self.streams[number]
        kept += chunk
        if len(kept) > MAX_KEPT_OUTPUT:  # the beginning of the output describes the file, the end the error
            del kept[MAX_KEPT_OUTPUT // 2 : -MAX_KEPT_OUTPUT // 2]
        if number == self.stdout:
            *lines, self.rest = (self.rest[-MAX_KEPT_OUTPUT:] + chunk).split(b"\n")
            for line in lines:
                if self.on_line(line.decode(errors="replace")):
                    self.last_sign = time.monotonic()
        return bool(chunk)

    def _build_result(self, ended: str, code: int) -> ProcessResult:
        output, errors = (self.streams[number].decode(errors="replace") for number in (self.stdout, self.stderr))
        return ProcessResult(ended, code, output, errors)
