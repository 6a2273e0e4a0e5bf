"""``manage.py up``: the whole studio in one terminal, as ``./run`` starts it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.processes import children, is_running, kill, stop, until
from tests.servers import free_ports

pytestmark = pytest.mark.faults
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def up(folder):
    """``up(folder, port)`` starts ``manage.py up``; its processes are killed after the test."""
    started = []

    def start(folder, port):
        kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        environment = kept | {"TAPWARI_VAR": str(folder), "PORT": str(port), "WORKERS": "1"}
        path = folder / f"up{len(started)}.log"
        command = [sys.executable, "manage.py", "up"]
        with path.open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        process.log = path
        started.append(process)
        return process

    yield start
    family = [pid for process in started for pid in children(process.pid)]
    for process in started:
        process.kill()
    for pid in family:
        kill(pid)
    stop(started, folder, seconds=1)
    until(lambda: not [pid for pid in family if is_running(pid)])


@pytest.fixture
def folder():
    """A folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="tapwari") as name:
        yield Path(name)


def has_logged(process, text):
    return text in process.log.read_text()


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""  # gone meanwhile


def is_up(port):
    try:
        return urllib.request.urlopen(f"http://localhost:{port}/healthz/", timeout=2).status == 200
    except (urllib.error.URLError, OSError):
        return False


def test_up_restarts_a_dead_web_server_and_stops_on_one_ctrl_c(up, folder):
    ports = free_ports(2)
    process = up(folder, ports[0])
    until(lambda: has_logged(process, "the first account runs this studio") or process.poll() is not None)
    assert has_logged(process, f"http://localhost:{ports[0]}"), process.log.read_text()

    second = up(folder, ports[1])
    second.wait(300)
    assert second.returncode == 1
    assert has_logged(second, "already runs from")

    [web] = [pid for pid in children(process.pid) if "daphne" in command_line(pid)]
    kill(web)
    until(lambda: has_logged(process, "the web server stopped unexpectedly"))
    until(lambda: is_up(ports[0]))

    until(lambda: len(children(process.pid)) >= 6)
    family = children(process.pid)
    process.send_signal(signal.SIGINT)
    process.wait(300)
    assert process.returncode == 0
    until(lambda: not [pid for pid in family if is_running(pid)])
    assert "Traceback" not in process.log.read_text()


def test_a_port_in_use_is_reported_in_one_sentence(up, folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = up(folder, port)
        process.wait(300)

    text = process.log.read_text()
    assert process.returncode == 1
    assert f"Port {port} cannot be used" in text and f"PORT={port + 1} ./run" in text
    assert "Traceback" not in text
