"""litellm, the second oracle, at six fakes: create and ask until it is done; MiniMax's list."""

import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no network

import litellm
from oracle import base, key, times, until

litellm.suppress_debug_info = True
WORDS = "a girl on a hill"
ORACLES = {
    "minimax/MiniMax-H3": ("minimax-v2", ""),
    "volcengine/doubao-seedance-2-0-260128": ("ark", "/api/v3"),
    "dashscope/wan2.7-t2v": ("dashscope", ""),
    "fal_ai/fal-ai/wan/v2.7/text-to-video": ("fal", ""),
    "runwayml/gen4.5": ("runway", "/v1"),
    "hosted_vllm/Wan-AI/Wan2.2-T2V-A14B-Diffusers": ("openai-compatible", "/v1"),
}


def made_by(model: str, slug: str, tail: str) -> None:
    there = {"api_base": base(slug) + tail, "api_key": key(slug)}
    times(slug, running=60)
    made = litellm.video_generation(prompt=WORDS, model=model, seconds="5", size="1280x720", **there)
    assert made.id and made.status in ("queued", "in_progress", "processing"), made

    def ask():
        return litellm.video_status(video_id=made.id, **there)

    assert ask().status in ("queued", "in_progress", "processing"), ask()
    times(slug)
    until(lambda: ask().status, lambda status: status == "completed")


for model, (slug, tail) in ORACLES.items():
    made_by(model, slug, tail)
listed = litellm.video_list(
    custom_llm_provider="minimax", api_base=base("minimax-v2"), api_key=key("minimax-v2"), limit=10
)
assert listed, listed
