"""From a person's words and a style to the prompt that an engine elsewhere is sent. Pure."""

from dataclasses import replace

from generation.providers.base import ClipRequest

# What each style adds. Ways of drawing only: no studio's and no living artist's name.
STYLE_WORDS = {
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


def compose_prompt(request: ClipRequest) -> ClipRequest:
    """The same request with the style woven into its words; an empty prompt gets the style alone."""
    added = STYLE_WORDS.get(request.style, "")
    words = [part for part in (request.prompt.strip().rstrip("."), added) if part]
    return replace(request, prompt=". ".join(words))
