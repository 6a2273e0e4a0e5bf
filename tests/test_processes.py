"""Cleaning up test processes leaves none."""

import os
import subprocess
import sys

from tests.processes import children, kill_family, kill_processes_of, processes_of, until

FORKING_SCRIPT = """
import subprocess, time
for _ in range(500):
    subprocess.Popen(["sleep", "600"])
    time.sleep(0.005)
time.sleep(600)
"""
PARENT_SCRIPT = (
    f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {FORKING_SCRIPT!r}], start_new_session=True)"
)


def test_processes_that_fork_while_they_are_killed_are_all_killed(tmp_path):
    environment = os.environ | {"TAPWARI_VAR": str(tmp_path)}
    parent = subprocess.Popen([sys.executable, "-c", PARENT_SCRIPT], env=environment)
    until(lambda: len(children(parent.pid)) > 20, every=0.01)

    try:
        kill_family(parent.pid)
        parent.wait()
        until(lambda: not processes_of(tmp_path))
    finally:
        kill_processes_of(tmp_path)
