"""Adapter of the effects, which are drawn over an existing video."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy

from common.messages import build_message
from generation.providers.adapters.local.options import EFFECTS, TITLE
from generation.providers.base import (
    RATIOS,
    RESOLUTIONS,
    Capability,
    ClipRequest,
    DrawingStopped,
    LocalProvider,
    Mode,
    ProviderError,
    Watch,
)
from generation.providers.errors import quote_for_everybody


class EffectsProvider(LocalProvider):
    """Provider that applies effects to an existing clip. It is offered on the page of a clip, not on Create."""

    slug = "effects"
    label = gettext_lazy("Effects")
    byline = gettext_lazy("effects applied by this studio")

    def capabilities(self) -> tuple[Capability, ...]:
        return (
            Capability(
                model="effects",
                label=gettext_lazy("Effects"),
                modes=frozenset({Mode.VIDEO}),
                ratios=RATIOS,
                seconds=tuple(range(1, 61)),
                resolutions=RESOLUTIONS,
                has_seed=True,
                options=(EFFECTS, TITLE),
            ),
        )

    def draw(self, request: ClipRequest, out: Path, watch: Watch) -> None:
        """Draw the effects over the source video, whose size and length the result has, not those of the request."""
        from generation.animatic.compositor import DrawingFailed  # only workers draw
        from generation.animatic.frame_encoding import Cancelled
        from generation.animatic.overlay_rendering import render_overlays

        if request.video is None:
            raise ProviderError("missing_video", build_message("effects_source_gone"))
        options: Mapping[str, Any] = request.options
        if not (options.get("effects") or options.get("title")):
            shutil.copyfile(request.video, out)  # a video that is kept as it was uploaded
            return
        try:
            render_overlays(
                request.video,
                out,
                effects=tuple(options.get("effects", ())),
                title=options.get("title", ""),
                seed=request.seed,
                progress=watch.progress,
                is_cancelled=watch.is_cancelled,
            )
        except Cancelled as stop:
            raise DrawingStopped from stop
        except DrawingFailed as error:
            message = build_message("effects_not_applied", text=quote_for_everybody(str(error)))
            raise ProviderError("drawing_failed", message) from error
