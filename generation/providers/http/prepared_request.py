"""Prepare a request as requests does, and reuse the parsed address of plain GETs."""

from collections.abc import Mapping
from functools import lru_cache

import requests


def prepare_request(method: str, url: str, headers: Mapping[str, str], body: dict) -> requests.PreparedRequest:
    """Return a prepared request. ``body``: json, data, files or params, as in requests. Raises what requests raises.

    The parsed URL of a plain GET is cached, since tasks are polled every few seconds and parsing took a tenth of a
    poll.
    """
    if method != "GET" or body or "@" in url:  # the URL may contain a user name and a password
        return requests.Request(method, url, headers=dict(headers), **body).prepare()
    request = requests.PreparedRequest()
    request.method, request.url = method, _normalised_url(url)
    request.prepare_headers(headers)
    return request


@lru_cache(maxsize=20_000)
def _normalised_url(url: str) -> str:
    return str(requests.Request("GET", url).prepare().url)
