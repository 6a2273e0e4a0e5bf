"""Request the health check of the site on this machine. Exit code 0 if it is healthy."""

import http.client
import os
import sys
from urllib.parse import urlsplit


def main(port: int = 8000) -> int:
    site = urlsplit(os.environ.get("SITE_URL", f"http://localhost:{port}"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/healthz/", headers={"Host": site.netloc, "X-Forwarded-Proto": site.scheme})
    return 0 if connection.getresponse().status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
