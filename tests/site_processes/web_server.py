"""The real web server, and requests to it."""

import subprocess
import uuid
from urllib.parse import urlsplit

import requests
from django.conf import settings as site
from django.test import Client

from jobs.worker import startup
from tests.processes import until
from tests.servers import free_ports
from tests.site_processes import workers

TOKEN = "c" * 32


class WebServer:
    """A daphne that listens once the object is created. With SITE_URL=https://… it is behind a proxy that ends TLS."""

    def __init__(self, environment: dict, log):
        [self.port] = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {"SITE_URL": self.url} | environment
        scheme, host = urlsplit(environment["SITE_URL"])[:2]
        self.from_proxy = {"Host": host, "X-Forwarded-Proto": scheme}
        command = startup.build_web("127.0.0.1", self.port)
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command.command, cwd=workers.ROOT, env=environment | command.env, stdout=output, stderr=output
            )
        until(self.is_up)

    def is_up(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz/", headers=self.from_proxy, timeout=5).ok
        except requests.RequestException:
            return False

    def create_clip(self, form: dict, cookies: dict) -> requests.Response:
        cookies = cookies | {site.CSRF_COOKIE_NAME: TOKEN}
        return requests.post(f"{self.url}/create/", form, cookies=cookies, allow_redirects=False, timeout=60)

    def post_callback(self, path: str, headers: dict, body: bytes) -> int:
        """Post a callback as its provider would. Returns the status of the response."""
        headers = {"Content-Type": "application/json"} | headers | self.from_proxy
        return requests.post(self.url + path, body, headers=headers, timeout=60).status_code

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def sign_in(user) -> dict:
    """Return the cookies of a browser in which the user is signed in."""
    browser = Client()
    browser.force_login(user)
    name = site.SESSION_COOKIE_NAME
    return {name: browser.cookies[name].value}


def build_form(connection, prompt="a cat on a roof") -> dict:
    """Return what the Create page submits for one clip. Each form creates one clip, however often it is submitted."""
    return {
        "prompt": prompt, "provider": connection.provider, "connection": str(connection.pk), "model": "echo-1",
        "seconds": 5, "resolution": 480, "ratio": "16:9", "idem_key": uuid.uuid4().hex, "csrfmiddlewaretoken": TOKEN,
    }  # fmt: skip
