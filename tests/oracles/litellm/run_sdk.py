"""litellm, the second oracle, at six fakes: create and fetch_status until it is finished; MiniMax's list."""

import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no network

import litellm
from oracle import get_key, get_url, set_times, wait_until

litellm.suppress_debug_info = True
PROMPT = "a girl on a hill"
ORACLES = {
    "minimax/MiniMax-H3": ("minimax-v2", ""),
    "volcengine/doubao-seedance-2-0-260128": ("ark", "/api/v3"),
    "dashscope/wan2.7-t2v": ("dashscope", ""),
    "fal_ai/fal-ai/wan/v2.7/text-to-video": ("fal", ""),
    "runwayml/gen4.5": ("runway", "/v1"),
    "hosted_vllm/Wan-AI/Wan2.2-T2V-A14B-Diffusers": ("openai-compatible", "/v1"),
}


def check_model(model: str, slug: str, tail: str) -> None:
    access = {"api_base": get_url(slug) + tail, "api_key": get_key(slug)}
    set_times(slug, running=60)
    created = litellm.video_generation(prompt=PROMPT, model=model, seconds="5", size="1280x720", **access)
    assert created.id and created.status in ("queued", "in_progress", "processing"), created

    def fetch_status():
        return litellm.video_status(video_id=created.id, **access)

    assert fetch_status().status in ("queued", "in_progress", "processing"), fetch_status()
    set_times(slug)
    wait_until(lambda: fetch_status().status, lambda status: status == "completed")


for model, (slug, tail) in ORACLES.items():
    check_model(model, slug, tail)
task_list = litellm.video_list(
    custom_llm_provider="minimax", api_base=get_url("minimax-v2"), api_key=get_key("minimax-v2"), limit=10
)
assert task_list, task_list
