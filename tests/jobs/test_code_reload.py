"""``./run --dev`` starts web server and job runner again when the code changes (jobs/worker/supervisor.py)."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import asdict

import pytest

from jobs.worker.supervisor import Plan, Service
from tests.processes import kill_family, until
from tests.servers import free_ports

WEB = """
import http.server, sys
sys.path.insert(0, sys.argv[1])
import page

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(page.TEXT.encode())

http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
"""


@pytest.fixture
def supervisor(tmp_path):
    """A supervisor that serves ``TEXT`` of page.py and watches it; has ``log`` and ``port``."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code/page.py").write_text("TEXT = 'first'")
    (port,) = free_ports(1)
    web = Service("the web server", [sys.executable, "-B", "-c", WEB, str(tmp_path / "code"), str(port)])
    work = Service("the job runner", ["sleep", "600"])
    plan = Plan(web=web, work=work, host="127.0.0.1", port=port, messages=["open"], code=[str(tmp_path / "code")])
    with (tmp_path / "log").open("w") as log:
        command = [sys.executable, "-m", "jobs.worker.supervisor", json.dumps(asdict(plan))]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=os.environ)
    process.log, process.port = tmp_path / "log", port
    yield process
    kill_family(process.pid)
    process.wait()


def serves(process, text):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{process.port}/", timeout=2).read().decode() == text
    except (urllib.error.URLError, OSError):
        return False


def test_changed_code_is_served_and_broken_code_waits_for_the_next_change(supervisor, tmp_path):
    page = tmp_path / "code/page.py"
    until(lambda: serves(supervisor, "first"))

    page.write_text("TEXT = 'second'")
    until(lambda: serves(supervisor, "second"))

    page.write_text("TEXT = ")
    until(lambda: "it starts again when the code changes" in supervisor.log.read_text())
    page.write_text("TEXT = 'third'")
    until(lambda: serves(supervisor, "third"))
