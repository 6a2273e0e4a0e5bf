"""The commands of docs/install.md, run in their order in a folder, with servers of their own, give a working site.

Those of docs/operations.md move what ./run made to it."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import servers
from tests.processes import kill_family, until
from tests.test_proxy import MAIN

ROOT = Path(__file__).parent.parent
# sudo hands over no variables of the user
CLEAN = 'env -i PATH="$PATH" HOME="$HOME" TAPWARI_ENV="$SERVICES"'
SHIMS = {  # commands that need root, the net or minutes; each does only what the next commands rely on
    **dict.fromkeys(("apt-get", "adduser", "systemctl", "nginx"), "exit 0"),
    "git": f'mkdir -p "$3"; ln -s {ROOT}/[a-z]* "$3"',
    "python3.13": f'mkdir -p "$3/bin"; cd "$3/bin"; printf \'#!/bin/sh\\nexec {sys.executable} "$@"\\n\' > python; '
    "printf '#!/bin/sh\\n' > pip; chmod +x python pip",
    "sudo": f'[ "$1" = -u ] && shift 2; [ "$1" = chown ] || exec {CLEAN} "$@"',
    "runuser": 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
    "install": 'for last in "$@"; do :; done; : > "$last"',
}
ASK_PROXY = """
import http.client, ssl, sys, urllib.parse
port, certificate, url = int(sys.argv[1]), sys.argv[2], urllib.parse.urlsplit(sys.argv[-1])
trusted = ssl.create_default_context(cafile=certificate)
trusted.check_hostname = False
link = http.client.HTTPSConnection("127.0.0.1", port, context=trusted, timeout=30)
link.request("GET", url.path, headers={"Host": url.hostname})
print(link.getresponse().read().decode())
"""

FOLDERS = (
    "bin",
    "nginx",
    "etc/nginx/conf.d",
    "etc/systemd/system",
    "etc/tapwari-certificates",
    "srv",
    "var/lib/tapwari/uploads",
)

pytestmark = pytest.mark.deep


@contextmanager
def running_database() -> Iterator[int]:
    """Yield the port of a PostgreSQL as Debian installs it: one superuser postgres, and no role tapwari."""
    with servers.postgres() as server:
        server.execute("DROP DATABASE tapwari")
        server.execute("CREATE ROLE postgres LOGIN SUPERUSER")
        rename = ["psql", "--host=127.0.0.1", f"--port={server.port}", "--username=postgres"]
        subprocess.run([*rename, "--command=ALTER ROLE tapwari RENAME TO first"], check=True, capture_output=True)
        yield server.port


def read_blocks(page: str = "docs/install.md", after: str = "") -> list[str]:
    """Return the commands of a page, or of its section with the heading ``after``."""
    text = (ROOT / page).read_text().partition(after)[2] if after else (ROOT / page).read_text()
    return re.findall(r" *```sh\n(.*?)```", text.partition("\n## ")[0] if after else text, re.DOTALL)


def write_programs(folder: Path, https_port: int) -> None:
    (folder / "ask_proxy.py").write_text(ASK_PROXY)
    certificate = folder / "etc/tapwari-certificates/fullchain.pem"
    asks = f'exec {sys.executable} {folder}/ask_proxy.py {https_port} {certificate} "$@"'
    for name, body in {**SHIMS, "curl": asks}.items():
        program = folder / "bin" / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)


def create_certificate(folder: Path) -> None:
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=site.test"
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)


def read_unit(text: str) -> tuple[list[list[str]], list[str], dict[str, str]]:
    """Return the commands before the service, its own command, and its variables."""
    lines = text.replace("\\\n", " ").splitlines()
    values = [line.partition("=")[::2] for line in lines if "=" in line and not line.startswith("#")]
    before = [shlex.split(value) for name, value in values if name == "ExecStartPre"]
    [command] = [shlex.split(value) for name, value in values if name == "ExecStart"]
    return before, command, dict(value.split("=", 1) for name, value in values if name == "Environment")


@dataclass
class Machine:
    """A folder that the commands take for a machine; ``here`` has what they name elsewhere."""

    folder: Path
    ports: tuple[int, int, int]  # of daphne, and of nginx for http and https
    here: dict[str, str]
    environment: dict[str, str]

    def place(self, text: str) -> str:
        """Return commands or a unit with the addresses and folders of this machine."""
        for name, value in self.here.items():
            text = text.replace(name, value)
        return text

    def run(self, script: str, **more: str) -> str:
        shell = ["bash", "-eu", "-o", "pipefail", "-c", self.place(script)]
        done = subprocess.run(shell, env=self.environment | more, capture_output=True, text=True, cwd=self.folder)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def machine(s3_server, redis_server, tmp_path) -> Iterator[Machine]:
    """A machine with PostgreSQL, Redis and an S3-compatible store, and nothing installed."""
    ports = web_port, http_port, https_port = servers.free_ports(3)
    for name in FOLDERS:
        (tmp_path / name).mkdir(parents=True)
    create_certificate(tmp_path / "etc/tapwari-certificates")
    write_programs(tmp_path, https_port)
    with running_database() as database_port:
        here = {
            "tapwari.example.org": "site.test",
            "media.site.test": "media.test",
            "127.0.0.1:8333": f"127.0.0.1:{s3_server.port}",
            "S3_BUCKET=tapwari": f"S3_BUCKET={tmp_path.name.replace('_', '-')}",
            "the-key": servers.S3_KEY,
            "the-secret": servers.S3_SECRET,
            "127.0.0.1:5432": f"127.0.0.1:{database_port}",
            "127.0.0.1:6379": f"127.0.0.1:{redis_server.port}",
            "127.0.0.1:8000": f"127.0.0.1:{web_port}",
            "--port 8000": f"--port {web_port}",
            "HTTP_PORT=80\n": f"HTTP_PORT={http_port}\n",
            "HTTPS_PORT=443": f"HTTPS_PORT={https_port}",
            "/home/mika/": f"{tmp_path}/home/",
            "/srv/": f"{tmp_path}/srv/",
            "/etc/": f"{tmp_path}/etc/",
            "/var/lib/": f"{tmp_path}/var/lib/",
            "/tmp/create_bucket": f"{tmp_path}/create_bucket",
        }
        login = {"PGHOST": "127.0.0.1", "PGPORT": str(database_port), "PGUSER": "postgres"}
        plain = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}:/usr/sbin", "HOME": str(tmp_path), "LANG": "C.UTF-8"}
        services = {"SERVICES": f"{tmp_path}/etc/tapwari.env"}
        yield Machine(tmp_path, ports, here, plain | login | services)


def test_the_commands_of_the_page_install_a_site(machine):
    folder, (_, _, https_port) = machine.folder, machine.ports
    *steps, look = read_blocks()
    machine.run("".join(steps))
    settings = dict(line.split("=", 1) for line in (folder / "etc/tapwari.env").read_text().splitlines())
    with ExitStack() as stack:
        for name in ("web", "work"):
            unit = machine.place((folder / f"etc/systemd/system/tapwari-{name}.service").read_text())
            before, command, variables = read_unit(unit)
            service = {"PATH": machine.environment["PATH"], **settings, **variables, "WORKERS": "1"}
            for step in before:
                subprocess.run(step, env=service, cwd=folder / "srv/tapwari", check=True, capture_output=True)
            process = subprocess.Popen(command, env=service, cwd=folder / "srv/tapwari")
            stack.callback(process.wait)
            stack.callback(kill_family, process.pid)
        site = (folder / "etc/nginx/conf.d/tapwari.conf").read_text()
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx/nginx.conf").write_text(MAIN.format(folder=folder / "nginx", site=site, user=user))
        nginx = ["/usr/sbin/nginx", "-p", folder / "nginx", "-c", folder / "nginx/nginx.conf"]
        stack.enter_context(servers.running(servers.Server([*map(str, nginx)], https_port, folder / "nginx")))

        until(lambda: "ok\n" in machine.run('curl "https://site.test/healthz/jobs/"'), every=1)
        looked = machine.run(look, SITE_HOST="site.test")
        assert "System check identified no issues" in looked and looked.endswith("ok\n\n"), looked
        assert "<form" in machine.run("curl https://site.test/account/signup/")


def test_the_commands_of_the_section_move_what_run_made(machine):
    *packages_to_bucket, _services, _proxy, _look = read_blocks()
    copy, *move = read_blocks("docs/operations.md", after="\n## Move from ./run to production\n")
    old = "/home/mika/tapwari"
    machine.run(
        f"git clone {ROOT} {old}; python3.13 -m venv {old}/.venv\nrm --force {old}/var; mkdir -p {old}/var/media/clips"
    )
    machine.run(
        f"cd {old}; export TAPWARI_ENV= TAPWARI_VAR={old}/var; .venv/bin/python manage.py migrate --noinput\n"
        '.venv/bin/python manage.py shell -c "from accounts.models import User; '
        "User.objects.create_user('mika@example.org')\"\n"
        "echo film > var/media/clips/1.mp4"
    )
    machine.run("".join(packages_to_bucket))

    machine.run(copy, TAPWARI_VAR=machine.place(f"{old}/var"))
    moved = machine.run("cd /srv/tapwari\n" + "".join(move))

    assert "1 files copied" in moved
    count = "from accounts.models import User; print(User.objects.filter(email='mika@example.org').count(), 'moved')"
    assert "1 moved" in machine.run(f'cd /srv/tapwari; sudo -u tapwari .venv/bin/python manage.py shell -c "{count}"')
