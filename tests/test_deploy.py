"""The configuration for production: environment variables, compose file, systemd units and image."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.apps import apps
from django.conf import settings

import common.memory
from config import memory
from jobs.management.commands import work
from jobs.worker import startup
from tests.docker_image import copied_sources, is_in_image, list_image_files

ROOT = Path(__file__).parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
EXAMPLE = (ROOT / ".env.example").read_text()
USED_BY_LIBRARIES = {"IMAGEIO_FFMPEG_EXE"}  # imageio-ffmpeg, MoviePy
VARIABLES_IN_EXAMPLE = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", EXAMPLE, re.MULTILINE))


def read_by_settings():
    sources = [*ROOT.glob("config/*.py"), *ROOT.glob("common/*.py")]
    readers = "text|flag|number|whole_number|currency|csv|choice|secret|private_key|public_key"
    pattern = rf'env\.(?:{readers})\(\s*"([A-Z0-9_]+)"'
    return {name for source in sources for name in re.findall(pattern, source.read_text())}


def read_by_compose():
    return set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text()))


def test_every_variable_is_in_the_example_and_no_other():
    assert read_by_settings() | read_by_compose() | USED_BY_LIBRARIES == VARIABLES_IN_EXAMPLE


@pytest.mark.parametrize(("module", "printed"), [("config.settings", "60.0 None"), ("config.asgi", "0 7")])
def test_only_the_web_process_pools_connections(module, printed, tmp_path):
    """Workers read the same file, and Django refuses pooled connections with a lifetime."""
    database = {"DATABASE_URL": "postgres://a:b@localhost/c", "DATABASE_POOL": "7", "DATABASE_KEEP_SECONDS": "60"}
    env = {"PATH": "/usr/bin:/bin", "TAPWARI_VAR": str(tmp_path), "SECRET_KEY": "x" * 60} | database
    script = f"import {module}; from config.settings import DATABASES as d; d = d['default']; "
    script += "print(d['CONN_MAX_AGE'], d.get('OPTIONS', {}).get('pool', {}).get('max_size'))"

    completed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True)

    assert completed.stdout.strip() == printed, completed.stderr[-2000:]


def test_every_variable_is_explained_on_the_line_above():
    for paragraph in re.findall(r"(?:^.+\n)+", EXAMPLE, re.MULTILINE):
        assert paragraph.startswith("# "), paragraph
        assert not re.match(r"#?[A-Z0-9_]+=", paragraph.splitlines()[1]), f"no explanation above:\n{paragraph}"
    assert not re.search(r"^#?[A-Z0-9_]+=.*[ \t]#", EXAMPLE, re.MULTILINE), "docker would read the comment as value"


def test_compose_starts_the_whole_set_with_one_image_for_web_and_worker():
    services = COMPOSE["services"]

    assert set(services) == {"migrate", "web", "worker", "postgres", "redis", "s3", "proxy"}
    assert {services[name]["image"] for name in ("migrate", "web", "worker")} == {"tapwari"}
    assert services["web"]["command"] == ["web"]
    assert services["worker"]["command"] == ["worker"]


def test_every_service_has_a_health_check_and_restarts():
    for name in ("web", "worker", "postgres", "redis", "s3", "proxy"):
        service = COMPOSE["services"][name]
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name


def test_only_the_proxy_can_be_reached_from_outside():
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["proxy"]


def test_used_volumes_and_networks_are_the_declared_ones():
    services = COMPOSE["services"].values()
    mounted = {volume.split(":")[0] for service in services for volume in service.get("volumes", [])}
    volumes = {volume for volume in mounted if not volume.startswith(".")}
    networks = {network for service in services for network in service.get("networks", [])}

    assert (volumes, networks) == (set(COMPOSE["volumes"]), set(COMPOSE["networks"]))


def test_running_steps_can_end_before_the_worker_is_killed(settings):
    assert work.stop_timeout() > settings.PROVIDER_SECONDS, "workers wait for the response to a paid request"
    settings.PROVIDER_SECONDS = 600
    assert work.stop_timeout() < settings.WORKERS_STOP_SECONDS < 60
    assert COMPOSE["services"]["worker"]["stop_grace_period"] == "60s"
    assert "\nTimeoutStopSec=60\n" in (ROOT / "deploy/systemd/tapwari-work.service").read_text()
    for unit in ROOT.glob("deploy/systemd/*.service"):
        assert "\nKillMode=mixed\n" in unit.read_text(), f"{unit.name}: django-q2 hangs when its whole group is stopped"


def test_the_worker_service_has_memory_for_its_workers():
    gigabytes = int(COMPOSE["services"]["worker"]["mem_limit"].removesuffix("g"))
    cluster = settings.Q_CLUSTER
    default_workers = int(re.search(r"^#WORKERS=(\d+)$", EXAMPLE, re.MULTILINE)[1])
    gigabytes_per_worker = int(re.search(r"One more needs (\d+) GB", EXAMPLE)[1])

    unit = (ROOT / "deploy/systemd/tapwari-work.service").read_text()

    assert gigabytes >= default_workers * gigabytes_per_worker == memory.MAX_STANDARD_WORKERS * memory.WORKER_GIGABYTES
    assert f"\nMemoryMax={gigabytes}G\n" in unit
    assert gigabytes_per_worker * 1_000_000 > cluster["max_rss"], (
        "kilobytes that a worker may have before it is replaced"
    )


@pytest.mark.parametrize(
    ("machine", "limits", "workers"), [(16, [], 3), (8, [], 3), (7.7, [6], 3), (4, [], 1), (2, [], 1), (16, [4, 8], 2)]
)
def test_workers_follow_the_memory(monkeypatch, machine, limits, workers):
    monkeypatch.setattr(memory, "machine_memory", lambda: machine * memory.GIGABYTE)
    monkeypatch.setattr(memory, "cgroup_limits", lambda: [limit * memory.GIGABYTE for limit in limits])

    assert memory.standard_workers() == workers


def test_the_memory_limit_of_a_container_is_read(monkeypatch, tmp_path):
    (tmp_path / "unit").mkdir()
    (tmp_path / "unit/memory.max").write_text("max\n")
    (tmp_path / "memory.max").write_text("4294967296\n")
    (tmp_path / "own").write_text("0::/unit\n")
    monkeypatch.setattr(common.memory, "CGROUPS", tmp_path)
    monkeypatch.setattr(common.memory, "OWN_CGROUP", tmp_path / "own")

    assert common.memory.cgroup_limits() == [4 * memory.GIGABYTE]


def test_the_web_process_spools_bodies_to_disk():
    """/tmp of the web service is a tmpfs, which uses the memory of the container."""
    assert COMPOSE["services"]["web"]["tmpfs"] == ["/tmp"]
    assert 'export TMPDIR="$TAPWARI_VAR/uploads"' in (ROOT / "deploy/start").read_text()
    assert (
        "\nEnvironment=TMPDIR=/var/lib/tapwari/uploads\n" in (ROOT / "deploy/systemd/tapwari-web.service").read_text()
    )
    assert startup.build_web("127.0.0.1", 8000).env == {"TMPDIR": str(settings.FILE_UPLOAD_TEMP_DIR)}


def test_the_image_runs_without_root_and_installs_the_hashed_lock():
    dockerfile = (ROOT / "Dockerfile").read_text()

    assert "--require-hashes --no-deps -r requirements.txt" in dockerfile
    assert re.search(r"^USER (?!root)", dockerfile, re.MULTILINE)
    assert "fonts-noto-cjk" in dockerfile


def test_the_image_has_the_program_but_no_keys_or_settings():
    files = list_image_files()
    local = [app.name for app in apps.get_app_configs() if Path(app.path).parent == ROOT]

    assert all((ROOT / source).exists() for source in copied_sources()) and "." not in copied_sources()
    assert {"manage.py", "deploy/start", "config/settings.py", "locale/zh_Hans/LC_MESSAGES/django.mo"} <= set(files)
    assert {f"{app}/apps.py" for app in local} <= set(files)
    for secret in (
        "deploy/certificates/privkey.pem",
        ".env",
        ".env.production",
        "static/privkey.pem",
        "var/secret_key",
    ):
        assert not is_in_image(secret), secret


def test_git_ignores_keys_and_settings():
    secrets = ["deploy/certificates/privkey.pem", "deploy/certificates/fullchain.pem", ".env", ".env.production"]
    ignored = subprocess.run(
        ["git", "check-ignore", *secrets, ".env.example"], cwd=ROOT, capture_output=True, text=True
    )
    assert ignored.stdout.split() == secrets


@pytest.mark.parametrize(
    "mail",
    [pytest.param("", marks=pytest.mark.deep), "smtp://studio:secret@mail.example.test:587?tls=yes"],
    ids=["no mail", "mail"],
)
def test_a_site_behind_https_passes_the_deployment_check(tmp_path, mail):
    site = {"SITE_URL": "https://site.test", "MEDIA_ORIGIN": "https://media.test", "EMAIL_URL": mail}

    completed = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**os.environ, **site, "TAPWARI_VAR": str(tmp_path / "new"), "SECRET_KEY": "s3cret-" * 10},
        capture_output=True,
        text=True,
    )

    assert completed.returncode == 0, completed.stderr
