"""How many workers fit into the memory that this process may use."""

import os
from pathlib import Path

GIGABYTE = 1024**3
WORKER_GIGABYTES = 2  # a worker is replaced above 1.5 (max_rss); the rest is for its media tool
OTHER_GIGABYTES = 2  # web server, database and cache on the same machine
MAX_STANDARD_WORKERS = 3  # two may render films while the third takes new jobs
CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")


def standard_workers() -> int:
    """Return how many workers fit: 1 to MAX_STANDARD_WORKERS."""
    rooms = [machine_memory() - OTHER_GIGABYTES * GIGABYTE, *cgroup_limits()]
    gigabytes = round(min(rooms) / GIGABYTE)  # machines have a little less memory than their nominal size
    return max(1, min(MAX_STANDARD_WORKERS, gigabytes // WORKER_GIGABYTES))


def machine_memory() -> int:
    """Return the memory of this machine in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def cgroup_limits() -> list[int]:
    """Return the limits (bytes) that a container or a systemd unit sets for this process (cgroup v2)."""
    try:
        own = OWN_CGROUP.read_text().strip().rpartition("::")[2].lstrip("/")
    except OSError:
        return []
    limits = []
    for group in (CGROUPS / own, *(CGROUPS / own).parents):
        try:
            text = (group / "memory.max").read_text().strip()
        except OSError:
            continue
        limits += [int(text)] if text.isdigit() else []
    return limits
