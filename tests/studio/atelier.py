"""A fake local provider that charges and draws at once."""

import tempfile
from pathlib import Path

from generation.providers.base import Capability, Estimate, LocalProvider, Mode, ProviderError
from tests.studio.render.clips import make_mezzanine, numbered_frames

PRICE = 400_000
FILM = []  # the content of every clip: two seconds with numbered frames, encoded once


class Atelier(LocalProvider):
    """Refuses chosen prompts, and records prompts (``drawn``) and first frames (``starts``: prompt → image)."""

    slug, label, byline = "atelier", "Atelier", "drawn by the atelier"

    def __init__(self):
        self.price, self.refused, self.drawn, self.starts = PRICE, set(), [], {}
        self.estimate_price = None  # or a function that returns the price of a request
        self.modes = frozenset({Mode.WORDS, Mode.PICTURE})

    def capabilities(self):
        limits = {"ratios": ("16:9",), "seconds": (2, 3, 4, 5), "resolutions": (480,), "has_seed": True}
        return (Capability(model="brush", label="Brush", modes=self.modes, **limits),)

    def estimate(self, request):
        return Estimate(self.estimate_price(request) if self.estimate_price else self.price, "USD", 30)

    def draw(self, request, out, watch):
        self.drawn.append(request.prompt)
        if any(text in request.prompt for text in self.refused):
            raise ProviderError("refused", "The atelier doesn’t support that.")
        self.starts[request.prompt] = request.first_frame.read_bytes() if request.first_frame else None
        if not FILM:
            with tempfile.TemporaryDirectory() as folder:
                FILM.append(make_mezzanine(Path(folder) / "film.mp4", numbered_frames(0), 48).path.read_bytes())
        out.write_bytes(FILM[0])
