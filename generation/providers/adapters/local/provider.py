"""Adapter of the animatic, which this studio draws itself."""

from dataclasses import replace
from pathlib import Path

from django.utils.translation import gettext_lazy

from common.messages import build_message
from generation.animatic.continuity import apply_story_place, understand_in_story
from generation.animatic.panels import build_panel, set_sound_place
from generation.animatic.scene import OVERLAYS, STORYBOARD, STYLES, Shot
from generation.animatic.storyboard.panel import Panel
from generation.animatic.storyboard.panel_json import PanelRefused
from generation.providers.adapters.local.options import OPTIONS, apply_options
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


class AnimaticProvider(LocalProvider):
    slug = "animatic"
    label = gettext_lazy("Animatic")
    byline = gettext_lazy("animatic, drawn by this studio")

    def capabilities(self) -> tuple[Capability, ...]:
        return (
            Capability(
                model="animatic",
                label=gettext_lazy("Animatic"),
                modes=frozenset({Mode.WORDS, Mode.PICTURE}),
                ratios=RATIOS,
                seconds=tuple(range(2, 16)),
                resolutions=RESOLUTIONS,
                styles=STYLES,
                has_seed=True,
                has_negative_prompt=True,
                options=OPTIONS,
            ),
        )

    def draw(self, request: ClipRequest, out: Path, watch: Watch) -> None:
        from generation.animatic.render import Cancelled, DrawingFailed, render  # only workers draw

        width, height = request.size
        found = understand_in_story(
            request.prompt,
            request.options,
            negative_prompt=request.negative_prompt,
            chips_off=request.chips_off,
            style=request.style,
            seed=request.seed,
            over_picture=request.picture is not None,
        )
        chips = [chip for chip in found.chips if f"{chip.slot}:{chip.value}" not in request.chips_off]
        refused_overlays = tuple(chip.value for chip in chips if chip.slot == "without" and chip.value in OVERLAYS)
        scene = replace(apply_story_place(found.scene, request.options, chips), refused_overlays=refused_overlays)
        panel = None
        if scene.style == STORYBOARD and request.picture is None:
            panel = _build_panel(request)
            scene = set_sound_place(scene, panel)
        shot = Shot(
            scene=apply_options(scene, request.options),
            seed=request.seed,
            width=width,
            height=height,
            seconds=request.seconds,
            picture=request.picture,
            paint=request.paint,
            first_frame=request.first_frame,
            panel=panel,
        )
        try:
            render(
                shot,
                out,
                progress=watch.progress,
                is_cancelled=watch.is_cancelled,
                show_frame=watch.show_frame,
                niceness=watch.niceness,
            )
        except Cancelled as stop:
            raise DrawingStopped from stop
        except DrawingFailed as error:
            message = build_message("not_drawn", text=quote_for_everybody(str(error)))
            raise ProviderError("drawing_failed", message) from error


def _build_panel(request: ClipRequest) -> Panel:
    width, height = request.size
    try:
        return build_panel(request.prompt, request.options, seed=request.seed, ratio=width / height)
    except PanelRefused as refusal:
        raise ProviderError("drawing_failed", build_message("staging_not_drawn")) from refusal
