"""Compose the prompt for a remote provider from the user's prompt and the style."""

from collections.abc import Mapping
from dataclasses import replace

from generation.providers.base import ClipRequest

# Texts added to the prompt, by style. They describe techniques and name no studio and no living artist.
STYLE_PROMPTS = {
    "cel": "clean cel-shaded anime, flat colours, crisp outlines",
    "watercolour": "soft watercolour anime, paper grain, gentle washes of colour",
    "shonen": "dynamic action anime, bold lines, strong contrast, speed lines",
    "seinen": "muted, detailed anime for adults, realistic proportions, subdued colours",
    "cyberpunk": "cyberpunk anime, neon light, wet streets, deep shadows",
    "chibi": "chibi anime, large heads, small bodies, cheerful colours",
    "three_d": "3D anime, toon shading, soft global light",
    "hand_drawn": "hand-drawn anime, visible pencil lines, rough hatching",
    "ink_wash": "ink wash painting, brush strokes, sparse colour, empty space",
    "storyboard": "pencil storyboard panel, rough lines on paper, light blue hatching",
}
STYLE_WORDS = "style_words"  # option: what a user wrote for this clip instead of the text of the style
WORKSPACE_STYLE_WORDS = "workspace_style_words"  # option: what the workspace had instead, when the clip was requested
MAX_STYLE_WORDS = 300


def compose_prompt(request: ClipRequest) -> ClipRequest:
    """Return the request with the words of its style added to the prompt: the user's, workspace's or studio's."""
    style = get_style_words(request.options) or STYLE_PROMPTS.get(request.style, "")
    parts = [part for part in (request.prompt.strip().rstrip("."), style) if part]
    return replace(request, prompt=". ".join(parts))


def get_style_words(options: Mapping[str, object]) -> str:
    """Return the words for the style that were recorded with a clip; "" for those of the studio."""
    return str(options.get(STYLE_WORDS) or options.get(WORKSPACE_STYLE_WORDS) or "")


def build_style_option(words: Mapping[str, str], style: str) -> dict[str, str]:
    """Return the option that records a workspace's ``words`` for the style with a clip; {} for the studio's words."""
    return {WORKSPACE_STYLE_WORDS: words[style]} if style in words else {}
