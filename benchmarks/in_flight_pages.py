"""Whoever looks at the pages of ``in_flight``: a process of its own, as browsers are. They keep nobody waiting.

Each line that it reads, ``task page``, has somebody look at that page four times a second until it shows what plays the
clip; then it says ``task seconds`` (since 1970). It ends when nothing more is to be read and all have seen what they
wanted, or have waited for PATIENCE. Argument: the cookies of who looks, as JSON.
"""

import json
import sys
import threading
import time

import requests

PATIENCE = 60.0  # seconds that a page is waited for
EVERY = 0.25
_voice = threading.Lock()


def main() -> None:
    cookies, watching = json.loads(sys.argv[1]), []
    for line in sys.stdin:
        task, page = line.split()
        watching.append(threading.Thread(target=watch, args=(task, page, cookies)))
        watching[-1].start()
    for each in watching:
        each.join()


def watch(task: str, page: str, cookies: dict) -> None:
    end, path = time.time() + PATIENCE, page.partition("://")[2].partition("/")[2]
    while time.time() < end:
        answer = requests.get(page, cookies=cookies, timeout=30)
        if answer.ok and f"/{path}play/" in answer.text:
            with _voice:
                print(task, time.time(), flush=True)  # noqa: T201
            return
        time.sleep(EVERY)


if __name__ == "__main__":
    main()
