"""The real web server, and a browser that submits the Create form."""

import subprocess
import uuid
from urllib.parse import urlsplit

import requests
from django.conf import settings as site
from django.test import Client

from jobs.worker import supervisor
from tests.elsewhere import studio
from tests.servers import free_ports

TOKEN = "c" * 32


class Web:
    """One daphne on the rows of a walk, which listens once this is made. With SITE_URL=https://… it stands behind a
    proxy that ends TLS."""

    def __init__(self, environment: dict, log):
        [self.port] = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {"SITE_URL": self.url} | environment
        scheme, host = urlsplit(environment["SITE_URL"])[:2]
        self.from_proxy = {"Host": host, "X-Forwarded-Proto": scheme}
        as_up_does = supervisor.web("127.0.0.1", self.port)
        with log.open("ab") as words:
            self.process = subprocess.Popen(
                as_up_does.command, cwd=studio.ROOT, env=environment | as_up_does.env, stdout=words, stderr=words
            )
        studio.until(self.answers)

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz/", headers=self.from_proxy, timeout=5).ok
        except requests.RequestException:
            return False

    def send(self, form: dict, cookies: dict) -> requests.Response:
        cookies = cookies | {site.CSRF_COOKIE_NAME: TOKEN}
        return requests.post(f"{self.url}/create/", form, cookies=cookies, allow_redirects=False, timeout=60)

    def call(self, door: str, headers: dict, body: bytes) -> int:
        """A callback, as its provider would send it; the status of the answer."""
        sent = {"Content-Type": "application/json"} | headers | self.from_proxy
        return requests.post(self.url + door, body, headers=sent, timeout=60).status_code

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def signed_in(user) -> dict:
    """The cookies of a browser in which somebody signed in before."""
    browser = Client()
    browser.force_login(user)
    name = site.SESSION_COOKIE_NAME
    return {name: browser.cookies[name].value}


def form_for(connection, words="a cat on a roof") -> dict:
    """What the Create page would send to ask for one clip; each form asks for it once, however often it is sent."""
    return {
        "prompt": words, "provider": connection.provider, "connection": str(connection.pk), "model": "echo-1",
        "seconds": 5, "resolution": 480, "ratio": "16:9", "idem_key": uuid.uuid4().hex, "csrfmiddlewaretoken": TOKEN,
    }  # fmt: skip
