"""Compose the prompt for a remote provider from the user's prompt and the style."""

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
}
STYLE_WORDS = "style_words"  # option: what a user wrote instead of the text of the style


def compose_prompt(request: ClipRequest) -> ClipRequest:
    """Return the request with the style's text, or the user's own words for it, added to its prompt."""
    style = str(request.options.get(STYLE_WORDS) or STYLE_PROMPTS.get(request.style, ""))
    parts = [part for part in (request.prompt.strip().rstrip("."), style) if part]
    return replace(request, prompt=". ".join(parts))
