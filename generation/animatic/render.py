"""Render a shot to a mezzanine: build the layers once, then draw and encode frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from .camera import camera_view
from .compositor import Compositor, DrawingFailed
from .depth_of_field import apply_depth_of_field
from .first_frame import create_first_frame_effect
from .frame_encoding import Cancelled, encode_frames
from .layers import Effect, Layer, Part, Stage
from .light import light_for
from .mezzanine_writer import MezzanineWriter, YuvPlanes
from .names import hash_name
from .overlays import SPEED_LINES, FontMissing, create_overlays, create_speed_lines_behind
from .panel_rendering import PanelRenderer
from .picture import PictureUnreadable, build_picture_parts
from .placement import place_subjects
from .places import build_place
from .post_processing import PostProcessor
from .scene import PEOPLE, WEATHERLESS, Shot
from .sound import create_soundtrack
from .styles import Style, style_for
from .weather import add_haze, build_weather

__all__ = ["Cancelled", "DrawingFailed", "render", "render_still"]


class _CancelCheckFailed(Exception):
    """Wraps an exception of the cancellation check, so that it is not reported as an error of the drawing."""


def create_stage(shot: Shot, check_cancelled: Callable[[], None] = lambda: None) -> Stage:
    """Create the empty stage of a shot with its light, size and seed."""
    scene = shot.scene
    weather = "clear" if scene.place in WEATHERLESS else scene.weather
    short = min(shot.width, shot.height)
    stage = Stage(
        width=shot.width,
        height=shot.height,
        seconds=shot.seconds,
        light=style_for(scene.style).adapt_light(light_for(scene.time, weather, scene.place)),
        style=scene.style,
        time=scene.time,
        weather=weather,
        seed=shot.seed,
        margin=round(short * 0.134),
        particles=scene.particles,
        setting=scene.setting,
        outside=scene.outside,
        faces_away=any(
            subject.view == "back" and subject.kind in (*PEOPLE, "cat", "dog") for subject in scene.subjects
        ),
        check_cancelled=check_cancelled,
    )
    if scene.place_name:
        stage.place_seed = hash_name(scene.place_name)
    return stage


def build_parts(shot: Shot, check_cancelled: Callable[[], None] = lambda: None) -> tuple[Stage, list[Part]]:
    """Return the stage of a shot and its parts: place, subjects, weather.

    ``check_cancelled`` may raise Cancelled. Raises DrawingFailed with the name of the part that failed.
    """
    check_cancelled()
    scene, style = shot.scene, style_for(shot.scene.style)
    if shot.picture is not None:
        stage, parts = _run_part("picture", lambda: build_picture_parts(shot, check_cancelled))
    else:
        stage = create_stage(shot, check_cancelled)
        place = _run_part(scene.place, lambda: build_place(scene.place, stage))
        parts = [add_haze(stage, style.adapt_layer(part, stage) if isinstance(part, Layer) else part) for part in place]
        parts = apply_depth_of_field(stage, scene, parts)
        figures = _run_part("subjects", lambda: place_subjects(stage, scene))
        if SPEED_LINES in style.list_overlays(scene):
            parts += _run_part("speed lines", lambda: create_speed_lines_behind(stage, scene, figures))
        parts += figures
    parts += _run_part(stage.weather, lambda: build_weather(stage))
    return stage, parts


def _run_part[T](name: str, draw: Callable[[], T]) -> T:
    try:
        return draw()
    except (DrawingFailed, Cancelled, _CancelCheckFailed):
        raise
    except (PictureUnreadable, FontMissing) as error:
        raise DrawingFailed(str(error)) from error
    except Exception as error:
        raise DrawingFailed(f"{name}: {type(error).__name__}: {error}") from error


class ShotRenderer:
    """Draws the finished frames of a shot."""

    def __init__(self, shot: Shot, check_cancelled: Callable[[], None] = lambda: None):
        cv2.setNumThreads(1)  # drawing and encoding run in parallel instead
        self.shot = shot
        self.stage, parts = build_parts(shot, check_cancelled)
        self.stage.check_cancelled = lambda: None  # from now on, ``encode_frames`` checks between frames
        self.style = style_for(shot.scene.style)
        camera = shot.scene.camera
        self.compositor = Compositor(self.stage, parts, lambda t: camera_view(camera, self.stage, t))
        self.post_processor = PostProcessor(self.stage)
        self.is_restyled = type(self.style).finish_frame is not Style.finish_frame
        self.overlays = _create_shot_overlays(self.stage, shot)

    def frame(self, t: float) -> np.ndarray:
        """Return the frame at ``t`` seconds without grain: uint8 BGRA. The buffer is reused for every frame."""
        frame = self._compose(t)
        self.post_processor.apply_to_frame(frame)
        if self.is_restyled:
            _run_part(f"style {self.style.name}", lambda: self._restyle(frame, self._drawn_at(t)))
        for effect in self.overlays:
            _run_part(effect.name, partial(effect.paint, frame, t))
        return frame

    def draw_frame(self, planes: YuvPlanes, index: int) -> None:
        """Draw frame ``index`` with grain into the planes of the encoder."""
        t = index / self.shot.fps
        if self.is_restyled or self.overlays:
            planes.convert(self.frame(t))
        else:  # nothing else needs the BGRA frame
            planes.convert(self._compose(t))
            self.post_processor.apply_to_planes(planes)
        self.post_processor.add_grain(planes.luma, index)

    def _compose(self, t: float) -> np.ndarray:
        return self.compositor.frame(t, self._drawn_at(t))

    def _drawn_at(self, t: float) -> float:
        """Return the time at which the layers shown at ``t`` are drawn: on twos, every drawing lasts two frames."""
        return int(t * self.shot.fps + 1e-6) // 2 * 2 / self.shot.fps if self.shot.scene.on_twos else t

    def _restyle(self, frame: np.ndarray, t: float) -> None:
        bgr = self.style.finish_frame(cv2.cvtColor(frame, cv2.COLOR_BGRA2BGR), t)
        cv2.cvtColor(bgr, cv2.COLOR_BGR2BGRA, dst=frame)


def _create_shot_overlays(stage: Stage, shot: Shot) -> list[Effect]:
    """Create the effects painted over the finished frame, such as the first frame, cards or an iris."""
    overlays, scene = [], shot.scene
    if first_frame := shot.first_frame:
        overlays.append(
            _run_part("first frame", lambda: create_first_frame_effect(first_frame, shot.width, shot.height))
        )
    if shot.picture is None:  # nobody runs in a source image
        style_overlays = [name for name in style_for(scene.style).list_overlays(scene) if name != SPEED_LINES]
        scene = replace(scene, overlays=(*scene.overlays, *style_overlays))
    return overlays + _run_part("overlays", lambda: create_overlays(stage, scene))


def _create_renderer(shot: Shot, check_cancelled: Callable[[], None] = lambda: None) -> ShotRenderer | PanelRenderer:
    """Return what draws the frames of a shot: its storyboard panel if it has one, otherwise its scene in colour."""
    if shot.panel is None:
        return ShotRenderer(shot, check_cancelled)
    cv2.setNumThreads(1)
    return PanelRenderer(shot, _create_shot_overlays(create_stage(shot), shot))


def render_still(shot: Shot, t: float) -> np.ndarray:
    """Return one frame: uint8 BGR, height × width × 3."""
    return cv2.cvtColor(_create_renderer(shot).frame(t), cv2.COLOR_BGRA2BGR)


def render(
    shot: Shot,
    out: Path,
    *,
    progress: Callable[[int, int], None],
    is_cancelled: Callable[[], bool],
    show_frame: Callable[[np.ndarray], None] | None = None,
    niceness: int = 0,
) -> None:
    """Draw and encode a shot into ``out``, a mezzanine MP4.

    ``progress(done, total)`` and ``is_cancelled()`` are called per frame. ``show_frame`` receives the frame in the
    middle of the shot (uint8 BGR) before the first frame is encoded. ``niceness``: as in ``encode_frames``. No file is
    left at ``out`` on failure. Raises Cancelled, or DrawingFailed if a part of the drawing crashed.
    """
    total = shot.frames

    def check_cancelled() -> None:
        try:
            stop = is_cancelled()
        except Exception as error:
            raise _CancelCheckFailed from error
        if stop:
            raise Cancelled

    progress(0, total)
    try:
        film = _create_renderer(shot, check_cancelled)
        pcm = _run_part(
            "sound", lambda: create_soundtrack(shot.scene, shot.frames / shot.fps, shot.seed, check_cancelled)
        )
    except _CancelCheckFailed as failure:
        raise failure.__cause__ or failure from None
    if show_frame:
        middle = _run_part("panel", lambda: film.frame(total // 2 / shot.fps))
        show_frame(cv2.cvtColor(middle, cv2.COLOR_BGRA2BGR))
    encode_frames(
        film,
        total,
        out,
        partial(_create_writer, shot, pcm),
        progress=progress,
        is_cancelled=is_cancelled,
        niceness=niceness,
    )


def _create_writer(shot: Shot, pcm: np.ndarray | None, path: Path) -> MezzanineWriter:
    return MezzanineWriter(path, shot.width, shot.height, shot.fps, shot.frames, pcm)
