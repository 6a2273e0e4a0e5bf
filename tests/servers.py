"""Real servers for tests: PostgreSQL, Redis and an S3-compatible store, each on a free port of the loopback.

As a command it runs another command beside a server: python -m tests.servers postgres pytest tests/jobs
"""

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

TIMEOUT = 120  # seconds
S3_KEY, S3_SECRET, S3_BUCKET = "testkey", "testsecret", "clips"


def free_ports(count: int) -> list[int]:
    """Return different ports on which nothing listens.

    They are below the range of outgoing connections, so that none of those takes a port before the server does.
    """
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found = [*found, port] if port not in found else found
    return found


def wait_for_port(port: int, process: subprocess.Popen, log: Path, seconds: float = TIMEOUT) -> None:
    """Return once the server listens; raise with the end of its log if it exits or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0 and process.poll() is None:  # else another program listens
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"The server on port {port} did not start:\n{log.read_text()[-2000:]}")


@dataclass
class Server:
    """A server process; fault tests stop, freeze and restart it."""

    command: list[str]
    port: int
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None

    def start(self) -> None:
        log = self.folder / "server.log"
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        wait_for_port(self.port, self.process, log)

    def stop(self, signal_number: signal.Signals = signal.SIGTERM) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal_number)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def folder_for(user: str | None) -> Iterator[Path]:
    """Give a temporary folder that belongs to the user and is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tapwari-server-", dir="/tmp"))
    try:
        if user:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- PostgreSQL ------------------------------------------------------------------------------------------------


def postgres_folder() -> Path:
    """Return the folder of initdb and postgres. Debian has one per version, outside PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = debian[-1] if debian else shutil.which("initdb")
    if not found:
        raise RuntimeError("PostgreSQL is missing: install it (Debian: apt install postgresql).")
    return Path(found).parent


def postgres_user() -> str | None:
    """Return the user that runs PostgreSQL for root, as which it refuses to run, or None."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextlib.contextmanager
def postgres(**options) -> Iterator[Server]:
    """Run a new PostgreSQL with these options. It does not sync to disk; benchmarks choose ``fsync="on"``."""
    user, programs, (port,) = postgres_user(), postgres_folder(), free_ports(1)
    as_user = ["runuser", "-u", user, "--"] if user else []
    with folder_for(user) as folder:
        rows = folder / "rows"
        initdb = [programs / "initdb", "-D", rows, "-U", "tapwari", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        subprocess.run([*as_user, *initdb, "--no-sync"], check=True, capture_output=True, cwd=folder)
        defaults = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        defaults |= {"synchronous_commit": "off", "full_page_writes": "off"} if "fsync" not in options else {}
        defaults["max_connections"] = "400"  # for several groups of workers and the web servers of tests
        options = defaults | options
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        command = [*as_user, str(programs / "postgres"), "-D", str(rows), "-p", str(port), *flags]
        with running(PostgresServer(command, port, folder)) as server:
            server.execute("CREATE DATABASE tapwari")
            yield server


class PostgresServer(Server):
    def start(self) -> None:
        super().start()
        self.execute("SELECT 1")

    def execute(self, statement: str, seconds: float = TIMEOUT) -> None:
        """Execute a statement, retrying until the server accepts connections: its port is open before that."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                with psycopg.connect(f"postgres://tapwari@127.0.0.1:{self.port}/postgres", autocommit=True) as link:
                    link.execute(statement)
                    return
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def stop(self, signal_number: signal.Signals = signal.SIGINT) -> None:
        """Shut down fast. The signal goes to the postmaster itself, since runuser passes none on."""
        pid_file = self.folder / "rows" / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int(pid_file.read_text().split()[0]), signal_number)
        if self.process is not None:
            self.process.wait(TIMEOUT)


def postgres_url(server: Server) -> str:
    return f"postgres://tapwari@127.0.0.1:{server.port}/tapwari"


# --- Redis and S3 ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def redis() -> Iterator[Server]:
    """Run a Redis (or Valkey) that stores nothing on disk."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if not program:
        raise RuntimeError("Redis is missing: install it (Debian: apt install redis-server).")
    (port,) = free_ports(1)
    with folder_for(None) as folder:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with running(Server(command, port, folder)) as server:
            yield server


def redis_url(server: Server) -> str:
    return f"redis://127.0.0.1:{server.port}/0"


@contextlib.contextmanager
def s3() -> Iterator[Server]:
    """Run a SeaweedFS with one bucket. It checks signatures, expiry and ranges as S3 does."""
    weed = Path(sys.executable).with_name("weed")
    ports = free_ports(10)
    names = ("s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc")
    names += ("filer.port", "filer.port.grpc", "admin.port", "admin.port.grpc")
    off = ["-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false"]
    with folder_for(None) as folder:
        command = [str(weed), "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
        command += [f"-{name}={port}" for name, port in zip(names, ports, strict=True)] + off
        keys = {"AWS_ACCESS_KEY_ID": S3_KEY, "AWS_SECRET_ACCESS_KEY": S3_SECRET, "S3_BUCKET": S3_BUCKET}
        with running(Server(command, ports[0], folder, keys)) as server:
            wait_for_bucket(server)
            yield server


def wait_for_bucket(server: Server, seconds: float = TIMEOUT) -> None:
    """Wait until the bucket can be written to; the port is open before that."""
    from botocore.exceptions import BotoCoreError, ClientError

    client, deadline = s3_client(server), time.monotonic() + seconds
    while True:
        try:
            client.put_object(Bucket=S3_BUCKET, Key=".ready", Body=b"")
        except (BotoCoreError, ClientError) as error:
            if time.monotonic() > deadline:
                raise RuntimeError(f"The S3 server on port {server.port} has no bucket: {error}") from error
            time.sleep(0.1)
        else:
            return


def s3_client(server: Server):
    """A boto3 client of the test store."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=s3_endpoint(server),
        aws_access_key_id=S3_KEY,
        aws_secret_access_key=S3_SECRET,
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )


def s3_endpoint(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}"


def s3_environment(server: Server) -> dict[str, str]:
    """Return the environment of a site that stores its files on the server."""
    keys = {"S3_BUCKET": S3_BUCKET, "S3_ACCESS_KEY": S3_KEY, "S3_SECRET_KEY": S3_SECRET}
    return {"S3_ENDPOINT": s3_endpoint(server), **keys}


def main(name: str, *command: str) -> int:
    """Run a command with DATABASE_URL, REDIS_URL or S3_* naming a server that lives as long as the command."""
    start, environment = {
        "postgres": (postgres, lambda server: {"DATABASE_URL": postgres_url(server)}),
        "redis": (redis, lambda server: {"REDIS_URL": redis_url(server)}),
        "s3": (s3, s3_environment),
    }[name]
    with start() as server:
        return subprocess.run(command, env={**os.environ, **environment(server)}).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
