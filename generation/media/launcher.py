"""Runs as its own small process: gives up what the job does not need, then becomes the tool named on the command line.

    python -I -S launcher.py '{"AS": 2147483648, "CPU": 60}' program argument…

A separate process because Python code between fork and exec is not safe in a worker that has threads.
"""

import contextlib
import json
import os
import resource
import signal
import sys
from pathlib import Path


def limit_resources(limits: dict[str, int]) -> None:
    """Set each RLIMIT_<name>, soft and hard, never above what this process may have."""
    for name, wanted in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if sys.platform == "darwin" and name == "AS":
            continue  # macOS has the name but refuses every value
        resource.setrlimit(kind, (value, value))


def leave_the_network() -> None:
    """Move to an empty network where the system allows it. The protocol white list forbids the network anyway."""
    if not hasattr(os, "unshare"):  # not Linux, or Python before 3.12
        return
    with contextlib.suppress(OSError):
        os.unshare(os.CLONE_NEWNET)  # as root
        return
    user, group = os.getuid(), os.getgid()
    with contextlib.suppress(OSError):
        os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNET)
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            Path(f"/proc/self/{name}").write_text(text)  # without a mapping no file could be made


if __name__ == "__main__":
    limit_resources(json.loads(sys.argv[1]))
    leave_the_network()
    os.nice(5)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores these two, and what is ignored stays so
        signal.signal(number, signal.SIG_DFL)
    os.execve(sys.argv[2], sys.argv[2:], dict(os.environ))  # noqa: S606 (there is no shell on purpose)
