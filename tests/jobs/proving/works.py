"""Kinds of job that fail in the ways real ones may fail."""

import os
import signal
import time
from pathlib import Path

from common import hooks
from common.failpoints import failpoint
from jobs import registry
from jobs.hooks import JobHooks
from jobs.models import State


def draw(lease):
    """Report progress for ``seconds``, then leave a line in ``trace``: once per finished drawing."""
    seconds = lease.params.get("seconds", 0.2)
    began = time.monotonic()
    while (elapsed := time.monotonic() - began) < seconds:
        lease.report(int(elapsed / seconds * 1000), "drawing")
        failpoint("while_drawing", str(lease.job.pk))
        time.sleep(0.02)
    failpoint("after_drawing", str(lease.job.pk))
    leave_trace(lease, "drawn")
    lease.move_to(State.STORED)


def keep(lease):
    failpoint("while_keeping", str(lease.job.pk))
    leave_trace(lease, "kept")
    lease.move_to(State.READY)


def poison(lease):
    leave_trace(lease, "tried")
    os.kill(os.getpid(), signal.SIGKILL)


def hang(lease):
    """Report nothing for ``seconds``, then continue."""
    time.sleep(lease.params.get("seconds", 5))
    lease.report(500)
    lease.move_to(State.STORED)


def freeze(lease):
    """The first worker reports nothing until another worker has ended the job, then continues."""
    leave_trace(lease, "taken")
    if Path(lease.params["trace"]).read_text().count("taken") == 1:
        while not lease.job.events.filter(new=State.STORED).exists():
            time.sleep(0.05)
        leave_trace(lease, "woke")
    lease.report(500)
    lease.move_to(State.STORED)
    leave_trace(lease, "ended")


def linger(lease):
    """A remote job that is never ready when it is polled."""
    lease.wait(0.3, progress=(lease.job.progress + 1) % 900)


def broken(lease):
    raise ZeroDivisionError("a bug in a step")


def leave_trace(lease, text):
    if trace := lease.params.get("trace"):
        with Path(trace).open("a") as file:
            file.write(f"{lease.job.pk} {text}\n")


class ProvingKind(registry.JobKind):
    def __init__(self, name, label, steps, is_local=True):
        self.name, self.label, self.steps, self.is_local = name, label, steps, is_local


def register_all():
    kinds = [
        ProvingKind("draw", "Drawing", {State.RUNNING: draw, State.STORED: keep}),
        ProvingKind("poison", "Poison", {State.RUNNING: poison}),
        ProvingKind("hang", "Hanging", {State.RUNNING: hang}),
        ProvingKind("freeze", "Freezing", {State.RUNNING: freeze}),
        ProvingKind("linger", "Lingering", {State.RUNNING: linger}, is_local=False),
        ProvingKind("broken", "Broken", {State.RUNNING: broken}),
    ]
    hooks.register("proving", JobHooks(kinds=registry.by_name(*kinds)))
