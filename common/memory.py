"""How much memory this process may use."""

import os
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")


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
