"""comfy-sdk, through comfy-api-proxy, at the ComfyUI fake: submit, refresh, cancel, outputs, a graph refused."""

import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from oracle import FILM, catch_error, get_url, set_times, wait_until

with closing(socket.socket()) as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
os.environ["COMFY_BASE_URL"] = f"http://127.0.0.1:{port}"

from comfy_sdk import Comfy

GRAPH = {
    "1": {"class_type": "VAELoader", "inputs": {"vae_name": "wan_2.1_vae.safetensors"}},
    "2": {
        "class_type": "EmptyHunyuanLatentVideo",
        "inputs": {"width": 832, "height": 480, "length": 81, "batch_size": 1},
    },
    "3": {"class_type": "VAEDecode", "inputs": {"samples": ["2", 0], "vae": ["1", 0]}},
    "4": {"class_type": "CreateVideo", "inputs": {"images": ["3", 0], "fps": 16}},
    "5": {
        "class_type": "SaveVideo",
        "inputs": {"video": ["4", 0], "filename_prefix": "tapwari/x", "format": "mp4", "codec": "h264"},
    },
}


def is_listening() -> bool:
    with closing(socket.socket()) as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def run() -> None:
    client = Comfy(api_key="T")

    def submit(graph):
        return client.submit(client.workflows.from_json(graph))

    set_times("comfyui", running=60)
    job = submit(GRAPH)
    job.refresh()
    assert job.status == "running", job.status
    set_times("comfyui")

    def status():
        job.refresh()
        return job.status

    wait_until(status, lambda status: status == "succeeded")
    assert job.outputs[0].to_bytes() == FILM

    set_times("comfyui", queued=60)
    waiting = submit(GRAPH)
    waiting.cancel()
    waiting.refresh()
    assert waiting.status not in ("running", "succeeded"), waiting.status

    missing = {**GRAPH, "1": {"class_type": "VAELoader", "inputs": {"vae_name": "nobody.safetensors"}}}
    error = catch_error(Exception, lambda: submit(missing))
    assert type(error).__name__ == "InvalidWorkflow", repr(error)


command = Path(sys.executable).with_name("comfy-api-proxy")
proxy = subprocess.Popen([command, "run", "--comfyui", get_url("comfyui"), "--port", str(port), "--token", "T"])
try:
    wait_until(is_listening, bool, 30)
    run()
finally:
    proxy.terminate()
    proxy.wait(10)
