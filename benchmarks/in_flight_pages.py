"""Request pages like the browsers of ``in_flight``, in a separate process.

Each input line, ``task page``, starts a thread that requests that page four times a second until it contains the clip's
player, then prints ``task seconds`` (since 1970). The process ends when the input has ended and all threads have
finished or reached TIMEOUT. Argument: the viewer's cookies as JSON.
"""

import json
import sys
import threading
import time

import requests

TIMEOUT = 60.0  # seconds to wait for a page
INTERVAL = 0.25
_print_lock = threading.Lock()


def main() -> None:
    cookies, watching = json.loads(sys.argv[1]), []
    for line in sys.stdin:
        task, page = line.split()
        watching.append(threading.Thread(target=watch, args=(task, page, cookies)))
        watching[-1].start()
    for thread in watching:
        thread.join()


def watch(task: str, page: str, cookies: dict) -> None:
    end, path = time.time() + TIMEOUT, page.partition("://")[2].partition("/")[2]
    while time.time() < end:
        answer = requests.get(page, cookies=cookies, timeout=30)
        if answer.ok and f"/{path}play/" in answer.text:
            with _print_lock:
                print(task, time.time(), flush=True)  # noqa: T201
            return
        time.sleep(INTERVAL)


if __name__ == "__main__":
    main()
