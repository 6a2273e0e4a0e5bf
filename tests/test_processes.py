"""What other tests sweep up with leaves nobody."""

import os
import subprocess
import sys

from tests.processes import children, kill_family, left_of, sweep, until

FRUITFUL = """
import subprocess, time
for _ in range(500):
    subprocess.Popen(["sleep", "600"])
    time.sleep(0.005)
time.sleep(600)
"""
PARENT = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {FRUITFUL!r}], start_new_session=True)"


def test_a_family_that_grows_while_it_is_killed_is_killed_whole(tmp_path):
    environment = os.environ | {"TAPWARI_VAR": str(tmp_path)}
    parent = subprocess.Popen([sys.executable, "-c", PARENT], env=environment)
    until(lambda: len(children(parent.pid)) > 20, every=0.01)

    try:
        kill_family(parent.pid)
        parent.wait()
        until(lambda: not left_of(tmp_path))
    finally:
        sweep(tmp_path)
