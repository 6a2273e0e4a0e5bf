"""Runs as its own small process: gives up what the job does not need, then becomes the tool named on the command line.

    python -I -S launcher.py AS=2147483648,CPU=60 program argument…

A separate process because Python code between fork and exec is not safe in a worker that has threads. It starts twice
for each film, so it imports nothing that is written in Python: with json, pathlib, contextlib and signal it took twice
as long, half of which was enum (benchmarks/in_flight.py; docs/adr/0015).
"""

import _signal
import os
import resource
import sys


def limit_resources(limits: str) -> None:
    """Set each RLIMIT_<name>, soft and hard, never above what this process may have."""
    for limit in limits.split(","):
        name, _, number = limit.partition("=")
        kind, wanted = getattr(resource, f"RLIMIT_{name}"), int(number)
        hard = resource.getrlimit(kind)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if sys.platform == "darwin" and name == "AS":
            continue  # macOS has the name but refuses every value
        resource.setrlimit(kind, (value, value))


def leave_the_network() -> None:
    """Move to an empty network where the system allows it. The protocol white list forbids the network anyway."""
    if not hasattr(os, "unshare"):  # not Linux, or Python before 3.12
        return
    try:
        os.unshare(os.CLONE_NEWNET)  # as root
    except OSError:
        _leave_in_user_namespace(os.getuid(), os.getgid())


def _leave_in_user_namespace(user: int, group: int) -> None:
    try:
        os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNET)
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123 - without a mapping no file could be made
                file.write(text)
    except OSError:
        pass  # this system does not let it


if __name__ == "__main__":
    limit_resources(sys.argv[1])
    leave_the_network()
    os.nice(5)
    for number in (_signal.SIGPIPE, _signal.SIGXFSZ):  # Python ignores these two, and what is ignored stays so
        _signal.signal(number, _signal.SIG_DFL)
    os.execve(sys.argv[2], sys.argv[2:], dict(os.environ))  # noqa: S606 (there is no shell on purpose)
