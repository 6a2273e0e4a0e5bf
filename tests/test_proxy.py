"""deploy/nginx.conf in a real nginx in front of two servers that return the requests they receive."""

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import ExitStack, closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests import servers
from tests.processes import TIMEOUT

TEMPLATE = Path(__file__).parent.parent / "deploy/nginx.conf"
MAIN = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log info; worker_processes 1;
{user}
events {{ worker_connections 64; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {site}
}}
"""


class Echo(BaseHTTPRequestHandler):
    """Respond with the headers and the number of bytes received, and try to set a cookie."""

    protocol_version = "HTTP/1.1"

    def respond(self):
        length = len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        received = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps({"by": self.server.name, "headers": received, "bytes": length}).encode()
        self.send_response(200)
        self.send_header("Set-Cookie", "a=b")
        if "long-answer" in self.path:
            self.send_header("Location", "/" + "%E6%B5%B7" * 700)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # the client may have closed the connection
            self.wfile.write(body)

    def do_DELETE(self):
        """Close the connection without a response, so that the proxy logs an error."""
        self.close_connection = True

    do_GET = respond
    do_POST = respond

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def upstreams():
    found = {}
    for name in ("WEB", "S3"):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        server.name = name
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found[name] = server
    yield {name: f"127.0.0.1:{server.server_port}" for name, server in found.items()}
    for server in found.values():
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def proxy(upstreams, tmp_path_factory):
    """The ports, certificate and folder of an nginx that runs the template."""
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    assert Path(nginx).exists(), "nginx is missing: install it (Debian: apt install nginx-light)"
    plain_port, https_port = servers.free_ports(2)
    with servers.folder_for(None) as folder:
        key, certificate = folder / "privkey.pem", folder / "fullchain.pem"
        create_certificate = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ]
        names = ["-subj", "/CN=site.test", "-keyout", key, "-out", certificate]
        subprocess.run([*create_certificate, *names], check=True, capture_output=True)
        values = {"SITE_HOST": "site.test", "MEDIA_HOST": "media.test", "S3_BUCKET": "tapwari", **upstreams}
        values |= {"CERTIFICATES": str(folder), "HTTP_PORT": str(plain_port), "HTTPS_PORT": str(https_port)}
        values["ERROR_PAGES"] = str(TEMPLATE.with_name("error_pages"))
        site = re.sub(r"\$\{([A-Z0-9_]+)\}", lambda name: values[name[1]], TEMPLATE.read_text())
        user = "user root;" if Path("/proc/self").owner() == "root" else ""
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, site=site, user=user))
        command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        assert "warn" not in checked.stderr
        with servers.running(servers.Server(command, https_port, folder)):
            yield {"http": plain_port, "https": https_port, "certificate": certificate, "folder": folder}


@pytest.fixture
def send_request(proxy):
    """``send_request(host, path)`` returns status, headers and what the upstream received, or nginx's own page."""

    def send(host, path, method="GET", body=None, **headers):
        tls_context = ssl.create_default_context(cafile=proxy["certificate"])
        tls_context.check_hostname = False
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(
            http.client.HTTPSConnection("127.0.0.1", proxy["https"], context=tls_context, timeout=TIMEOUT)
        ) as connection:
            connection.request(method, path, body=body, headers={"Host": host, **names})
            respond = connection.getresponse()
            text = respond.read()
        return respond.status, respond.headers, json.loads(text) if text.startswith(b"{") else text.decode()

    return send


@pytest.mark.parametrize("path", ["/create/", "/webhooks/gemini/t0ken/"])
def test_pages_reach_the_site_with_the_true_address_and_scheme(send_request, path):
    forged = {"X_Forwarded_For": "6.6.6.6", "X_Forwarded_Host": "evil.test", "X_Forwarded_Proto": "http"}

    status, _headers, received = send_request("site.test", path, Forwarded="for=6.6.6.6", **forged)

    assert (status, received["by"]) == (200, "WEB")
    assert received["headers"]["host"] == "site.test"
    assert received["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert received["headers"]["x-forwarded-proto"] == "https"
    assert {"x-forwarded-host", "forwarded"}.isdisjoint(received["headers"])


@pytest.mark.parametrize(
    ("path", "megabytes", "status"),
    [
        ("/jobs/", 0.9, 200),
        ("/jobs/", 1.2, 413),
        ("/create/", 20, 200),
        ("/create/", 23, 413),
        ("/settings/", 20, 200),
        ("/settings/", 23, 413),
        ("/clips/pictures/", 20, 200),
        ("/stories/try/", 20, 200),
        ("/stories/", 1.2, 413),
        ("/stories/scenes/0f6e5c1e-0000-4000-8000-000000000000/picture/", 20, 200),
        ("/stories/0f6e5c1e-0000-4000-8000-000000000000/film/music/", 24, 200),
    ],
)
def test_bodies_have_a_limit_for_each_path(send_request, path, megabytes, status):
    try:
        assert send_request("site.test", path, "POST", b"x" * int(megabytes * 1e6))[0] == status
    except (BrokenPipeError, ConnectionResetError):
        assert status == 413, "nginx may close the connection of a refused body"


def test_one_address_sends_only_a_few_large_files_at_a_time(proxy):
    tls_context, answers = ssl.create_default_context(cafile=proxy["certificate"]), []
    tls_context.check_hostname = False
    with ExitStack() as open_connections:
        for _ in range(7):
            plain_port = socket.create_connection(("127.0.0.1", proxy["https"]), timeout=TIMEOUT)
            connection = open_connections.enter_context(tls_context.wrap_socket(plain_port))
            connection.sendall(b"POST /create/video/ HTTP/1.1\r\nHost: site.test\r\nContent-Length: 9000000\r\n\r\nx")
            answers.append(connection)
        first_bytes = answers[-1].recv(100)

    assert first_bytes.startswith(b"HTTP/1.1 429 ")


def test_a_link_with_a_long_chinese_title_passes(send_request):
    """Two hundred characters are fifteen bytes each in a signed link."""
    status, headers, _received = send_request("site.test", "/long-answer/")

    assert (status, len(headers["Location"])) == (200, 6301)


def test_a_socket_is_upgraded(send_request):
    _status, _headers, received = send_request("site.test", "/ws/jobs/", Upgrade="websocket", Connection="Upgrade")

    assert received["headers"]["upgrade"] == "websocket"
    assert received["headers"]["connection"] == "upgrade"
    assert received["headers"]["x-forwarded-for"] == "127.0.0.1"


def test_media_are_served_by_the_store_sandboxed_and_without_cookies(send_request):
    status, headers, received = send_request(
        "media.test", "/tapwari/clip.mp4?X-Amz-Signature=1", Cookie="a=b", Range="bytes=0-9"
    )

    assert (status, received["by"]) == (200, "S3")
    assert received["headers"]["range"] == "bytes=0-9"
    assert received["headers"]["host"] == "media.test"
    assert "cookie" not in received["headers"]
    assert "Set-Cookie" not in headers
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_media_origin_serves_no_page_and_accepts_no_upload(send_request):
    assert send_request("media.test", "/create/")[0] == 404
    assert send_request("media.test", "/tapwari/clip.mp4", "POST", b"x")[0] == 403
    assert send_request("media.test", "/media/signed/")[2]["by"] == "WEB"
    status, headers, received = send_request("media.test", "/p/code/1/film.mp4", Cookie="a=b")
    assert (status, received["by"], "cookie" in received["headers"]) == (200, "WEB", False)
    assert "sandbox" in headers["Content-Security-Policy"] and "Set-Cookie" not in headers


def test_other_host_names_get_no_response(send_request):
    with pytest.raises(http.client.RemoteDisconnected):
        send_request("evil.test", "/")


def test_callback_urls_are_in_no_log(send_request, proxy):
    secret = "w3bh00k-t0ken"
    for path in (f"/webhooks/gemini/{secret}/?ref=1", "/jobs/seen/"):
        assert send_request("site.test", path, "POST", b"{}")[2]["by"] == "WEB"
        assert send_request("site.test", path, "DELETE")[0] == 502
        assert send_request("site.test", path, "PUT", Content_Length="2000000")[0] == 413

    logs = {name: (proxy["folder"] / f"{name}.log").read_text() for name in ("access", "error")}
    assert {name: text.count("/jobs/seen/") >= 2 for name, text in logs.items()} == {"access": True, "error": True}
    assert secret not in "".join(logs.values())


def test_plain_http_is_sent_to_https(proxy):
    with closing(http.client.HTTPConnection("127.0.0.1", proxy["http"], timeout=TIMEOUT)) as connection:
        connection.request("GET", "/create/", headers={"Host": "site.test"})
        respond = connection.getresponse()

    assert (respond.status, respond.headers["Location"]) == (301, f"https://site.test:{proxy['https']}/create/")


def test_errors_of_nginx_have_pages_in_both_languages(send_request):
    too_large = send_request("site.test", "/jobs/", "POST", Content_Length="1200000", Expect="100-continue")
    unreachable = send_request("site.test", "/jobs/", "DELETE")

    for (status, _headers, page), expected, sentences in (
        (too_large, 413, ["nothing was saved or changed", "文件太大"]),
        (unreachable, 502, ["Jobs you already submitted continue", "马上回来"]),
    ):
        assert status == expected
        assert all(sentence in page for sentence in sentences), page
    assert (too_large[1]["Retry-After"], unreachable[1]["Retry-After"]) == (None, "30")
    assert send_request("site.test", "/back_soon.html")[0] == 404
