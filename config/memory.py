"""How many workers fit into the memory that this process may use."""

from common.memory import cgroup_limits, machine_memory

GIGABYTE = 1024**3
WORKER_GIGABYTES = 2  # a worker is replaced above 1.5 (max_rss); the rest is for its media tool
OTHER_GIGABYTES = 2  # web server, database and cache on the same machine
MAX_STANDARD_WORKERS = 3  # two may render films while the third takes new jobs


def standard_workers() -> int:
    """Return how many workers fit: 1 to MAX_STANDARD_WORKERS."""
    rooms = [machine_memory() - OTHER_GIGABYTES * GIGABYTE, *cgroup_limits()]
    gigabytes = round(min(rooms) / GIGABYTE)  # machines have a little less memory than their nominal size
    return max(1, min(MAX_STANDARD_WORKERS, gigabytes // WORKER_GIGABYTES))
