"""Server of thousands of endless tasks for benchmarks, a separate process with minimal code.

It has Echo's API (echo.py) and measures the longest time between two polls of each task.
"""

import asyncio
import json
import re
import sys
import time

POLL = re.compile(rb"GET /echo-steady/tasks/(\w+) ")
VIDEO = re.compile(rb"GET /echo-steady/outputs/(\w+)")
LENGTH = re.compile(rb"content-length: (\d+)", re.I)
RUNNING = b'{"stage": "running"}'


class Steady(asyncio.Protocol):
    seen: dict[bytes, float] = {}
    gaps: dict[bytes, float] = {}
    done: set[bytes] = set()
    done_at: dict[bytes, float] = {}
    polls = created = 0
    video = b""
    port = 0

    def connection_made(self, transport):
        self.transport, self.received = transport, b""

    def data_received(self, data):
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, rest = self.received.split(b"\r\n\r\n", 1)
            length = int(found[1]) if (found := LENGTH.search(head)) else 0
            if len(rest) < length:
                return
            self.received = rest[length:]
            body, kind = self.respond(head)
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (kind, len(body), body)
            )

    def respond(self, head: bytes) -> tuple[bytes, bytes]:
        if found := POLL.match(head):
            return self.poll(found[1]), b"application/json"
        if found := VIDEO.match(head):
            return self.video + build_box(found[1]), b"video/mp4"
        if head.startswith(b"POST"):
            type(self).created += 1
            return b'{"id": "new%d"}' % self.created, b"application/json"
        if found := re.match(rb"GET /done/(\w+)", head):
            self.done.add(found[1])
            return b"{}", b"application/json"
        return json.dumps(self.measure()).encode(), b"application/json"

    def poll(self, task: bytes) -> bytes:
        now = time.monotonic()
        cls = type(self)
        cls.polls += 1
        if before := self.seen.get(task):
            self.gaps[task] = max(self.gaps.get(task, 0.0), now - before)
        self.seen[task] = now
        if task not in self.done:
            return RUNNING
        self.done_at.setdefault(task, time.time())
        url = f"http://localhost:{self.port}/echo-steady/outputs/{task.decode()}.mp4"
        return json.dumps({"stage": "succeeded", "url": url}).encode()

    def measure(self) -> dict:
        """Return the number of polls, the longest time between two polls of each task, and when each was done.

        The longest time includes the current one, until the task is reported as done.
        """
        now = time.monotonic()
        waits = {task: 0.0 if task in self.done_at else now - at for task, at in self.seen.items()}
        longest = {task: max(self.gaps.get(task, 0.0), wait) for task, wait in waits.items()}
        return {
            "polls": self.polls,
            "longest": {task.decode(): gap for task, gap in longest.items()},
            "done_at": {task.decode(): at for task, at in self.done_at.items()},
        }


def build_box(task: bytes) -> bytes:
    """Return an MP4 box that players ignore, so that no two videos are equal."""
    return (8 + len(task)).to_bytes(4) + b"free" + task


async def serve(port: int) -> None:
    Steady.port = port
    server = await asyncio.get_running_loop().create_server(Steady, "127.0.0.1", port, backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    Steady.video = open(sys.argv[2], "rb").read()  # noqa: SIM115, PTH123 - read once, at the start of a process
    asyncio.run(serve(int(sys.argv[1])))
