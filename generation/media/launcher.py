"""Limit the resources and the network access of this process, then execute the given tool in its place.

    python -I -S launcher.py AS=2147483648,CPU=60 program argument…

This is a separate program, because Python code between fork and exec is not safe in a worker with threads. It starts
twice per clip, so it imports only C modules: json, pathlib, contextlib and signal would double its start time
(benchmarks/in_flight.py; docs/adr/0015).
"""

import _signal
import os
import resource
import sys


def limit_resources(limits: str) -> None:
    """Set soft and hard limits from "AS=2147483648,CPU=60" (names of RLIMIT_*), never above the current hard limits."""
    for limit in limits.split(","):
        name, _, number = limit.partition("=")
        kind, wanted = getattr(resource, f"RLIMIT_{name}"), int(number)
        hard = resource.getrlimit(kind)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if sys.platform == "darwin" and name == "AS":
            continue  # macOS has the name but refuses every value
        resource.setrlimit(kind, (value, value))


def raise_oom_score() -> None:
    """Let the system kill this process before the one that started it if memory runs out (Linux, proc_pid(5))."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123 - pathlib takes long to import
            file.write("500")
    except OSError:
        pass


def isolate_from_network() -> None:
    """Enter an empty network namespace if the system allows it, in addition to ffmpeg's protocol allow list."""
    if not hasattr(os, "unshare"):  # not Linux, or Python before 3.12
        return
    try:
        os.unshare(os.CLONE_NEWNET)  # as root
    except OSError:
        _isolate_in_user_namespace(os.getuid(), os.getgid())


def _isolate_in_user_namespace(user: int, group: int) -> None:
    try:
        os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNET)
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123 - without a mapping no file could be made
                file.write(text)
    except OSError:
        pass  # not allowed on this system


if __name__ == "__main__":
    limit_resources(sys.argv[1])
    raise_oom_score()
    isolate_from_network()
    os.nice(5)
    for number in (_signal.SIGPIPE, _signal.SIGXFSZ):  # Python ignores these two, and exec keeps that
        _signal.signal(number, _signal.SIG_DFL)
    os.execve(sys.argv[2], sys.argv[2:], dict(os.environ))  # noqa: S606 (there is no shell on purpose)
