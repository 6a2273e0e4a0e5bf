"""A request as requests prepares it."""

from collections.abc import Mapping
from functools import lru_cache

import requests


def prepared(method: str, url: str, headers: Mapping[str, str], body: dict) -> requests.PreparedRequest:
    """``body`` is what requests takes: json, data, files, params. What a plain question asks is an address and nothing
    else: that is read once, since the same task is asked after every few seconds, and took a tenth of a poll. Raises
    what requests raises for an address that is none."""
    if method != "GET" or body or "@" in url:  # which may name a person and a password
        return requests.Request(method, url, headers=dict(headers), **body).prepare()
    asked = requests.PreparedRequest()
    asked.method, asked.url = method, _as_sent(url)
    asked.prepare_headers(headers)
    return asked


@lru_cache(maxsize=20_000)
def _as_sent(url: str) -> str:
    return str(requests.Request("GET", url).prepare().url)
