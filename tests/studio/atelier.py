"""A fake local provider that charges and draws at once. It records prompts, prices and first frames."""

import tempfile
from pathlib import Path

from generation.providers.base import Capability, Estimate, LocalProvider, Mode, ProviderError
from tests.studio.render.clips import make_mezzanine, numbered

PRICE = 400_000
FILM = []  # what the atelier hands over, two seconds whose frames say which they are: made once


class Atelier(LocalProvider):
    """Refuses chosen prompts and records the first frame of each clip (``starts``: prompt → picture)."""

    slug, label, byline = "atelier", "Atelier", "drawn by the atelier"

    def __init__(self):
        self.price, self.refused, self.drawn, self.starts = PRICE, set(), [], {}
        self.priced = None  # or what a request costs
        self.modes = frozenset({Mode.WORDS, Mode.PICTURE})

    def capabilities(self):
        every = {"ratios": ("16:9",), "seconds": (2, 3, 4, 5), "resolutions": (480,), "has_seed": True}
        return (Capability(model="brush", label="Brush", modes=self.modes, **every),)

    def estimate(self, request):
        return Estimate(self.priced(request) if self.priced else self.price, "USD", 30)

    def draw(self, request, out, watch):
        self.drawn.append(request.prompt)
        if any(words in request.prompt for words in self.refused):
            raise ProviderError("refused", "The atelier doesn’t support that.")
        self.starts[request.prompt] = request.first_frame.read_bytes() if request.first_frame else None
        if not FILM:
            with tempfile.TemporaryDirectory() as folder:
                FILM.append(make_mezzanine(Path(folder) / "film.mp4", numbered(0), 48).path.read_bytes())
        out.write_bytes(FILM[0])
