"""Base classes of providers, and the values that the rest of the studio exchanges with them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.utils.functional import Promise

from common.messages import Message, build_message
from generation.providers.traits import Recovery, Stopping


class Mode(StrEnum):
    WORDS = "words"
    PICTURE = "picture"
    FIRST_LAST = "first_last"
    REFERENCES = "references"
    VIDEO = "video"


@dataclass(frozen=True)
class Option:
    """An additional setting of a model.

    ``kind``: ``one`` (the user picks one of the choices), ``many`` (any number of them), ``flag`` (on or off) or
    ``text``.
    """

    name: str
    label: str | Promise
    kind: str
    choices: tuple[tuple[str, str | Promise], ...] = ()
    limit: int = 0  # maximum number of characters, for ``text``

    def clean(self, values: list[str]):
        """Return the value to store for the form's values. Raises ValueError if they are not allowed."""
        known = dict(self.choices)
        if self.kind == "flag":
            return bool(values)
        if self.kind == "text":
            text = values[0].strip() if values else ""
            if len(text) > self.limit or not text.isprintable():
                raise ValueError(self.name)
            return text
        chosen = [value for value in values if value]
        if any(value not in known for value in chosen) or (self.kind == "one" and len(chosen) > 1):
            raise ValueError(self.name)
        return sorted(set(chosen)) if self.kind == "many" else (chosen[0] if chosen else "")


@dataclass(frozen=True)
class Capability:
    """What one model supports. Durations are whole seconds, resolutions the shorter side in pixels."""

    model: str
    label: str | Promise
    modes: frozenset[Mode]
    ratios: tuple[str, ...]
    seconds: tuple[int, ...]
    resolutions: tuple[int, ...]
    styles: tuple[str, ...] = ()
    has_seed: bool = False
    has_negative_prompt: bool = False
    has_audio: bool = False
    prompt_limit: int = 2000
    picture_bytes: int = 10_000_000
    picture_least: int = 0
    """Minimum length of a picture's shorter side, in pixels."""
    picture_most: int = 0
    """Maximum length of a picture's longer side, in pixels; 0: unlimited."""
    picture_shape: float = 0
    """Maximum ratio of a picture's longer side to its shorter one: 2.5 allows 1:2.5 to 2.5:1. 0: unlimited."""
    picture_kinds: tuple[str, ...] = ()
    """Accepted kinds of pictures, of jpeg, png and webp; empty if unknown."""
    references_most: int = 0
    video_seconds: int = 0
    """Maximum length of an input video; longer videos are trimmed."""
    ratio_follows_picture: bool = False
    retired_on: date | None = None
    is_free: bool = False
    options: tuple[Option, ...] = ()
    never: tuple[tuple[int, int], ...] = ()
    """Unsupported pairs of (seconds, resolution)."""
    framed_seconds: int = 0
    """Maximum length of a clip with a first and a last frame, if shorter than in other modes; 0: the same."""
    recovery: Recovery | None = None
    stopping: Stopping | None = None
    has_progress: bool | None = None
    """``recovery``, ``stopping`` and ``has_progress`` are set if they differ from the provider's (traits.model_traits).
    """

    def find_conflicts(self, request: "ClipRequest") -> dict[str, str]:
        """Return {field: message} for everything that the model does not support."""
        reasons: dict[str, str] = {}
        if self.is_retired:
            reasons["model"] = self.retired_message
        if request.mode not in self.modes:
            reasons["mode"] = self._explain("mode_unsupported")
        if request.ratio not in self.ratios:
            reasons["ratio"] = self._explain("ratio_unsupported", ratio=request.ratio)
        if request.seconds not in self.seconds:
            reasons["seconds"] = self._explain("lengths", least=min(self.seconds), most=max(self.seconds))
        elif message := self.explain_length(request):
            reasons["seconds"] = message
        if request.resolution not in self.resolutions:
            reasons["resolution"] = self._explain("resolution_unsupported", lines=request.resolution)
        if len(request.prompt) > self.prompt_limit:
            reasons["prompt"] = self._explain("prompt_limit", n=self.prompt_limit)
        if request.negative_prompt and not self.has_negative_prompt:
            reasons["negative_prompt"] = self._explain("negative_prompt_unsupported")
        return reasons

    def explain_length(self, request: "ClipRequest") -> str:
        """Return why the model does not support the requested length in this mode and resolution; "" if it does."""
        if message := self.explain_combination(request.seconds, request.resolution):
            return message
        if request.mode == Mode.FIRST_LAST and 0 < self.framed_seconds < request.seconds:
            return self._explain("framed_lengths", most=self.framed_seconds)
        return ""

    def explain_combination(self, seconds: int, resolution: int) -> str:
        """Return why the model does not support this length at this resolution; "" if it does."""
        if (seconds, resolution) not in self.never:
            return ""
        return self._explain("length_unsupported", seconds=seconds, lines=resolution)

    def _explain(self, code: str, **values) -> Message:
        return build_message(code, model=self.label, **values)

    @property
    def is_retired(self) -> bool:
        return self.retired_on is not None and self.retired_on <= date.today()

    @property
    def retired_message(self) -> Message:
        return self._explain("model_retired")


RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9")
RESOLUTIONS = (480, 720, 1080)  # pixels of the shorter side
"""Sizes that the studio draws itself and requests from workflows."""


@dataclass(frozen=True)
class Estimate:
    """Price of one take in millionths of the currency, and how many seconds making it usually takes.

    ``is_known`` is false if the studio has no price; ``price`` is then 0. ``dated``: when the price was last checked.
    """

    price: int
    currency: str
    seconds: float
    is_known: bool = True
    dated: date | None = None


@dataclass(frozen=True)
class ClipRequest:
    """A request for one take. Files are local paths that exist while a worker runs the step."""

    prompt: str
    ratio: str
    seconds: int
    resolution: int
    seed: int
    model: str = ""
    negative_prompt: str = ""
    style: str = ""
    paint: bool = True
    chips_off: frozenset[str] = frozenset()
    options: Mapping[str, object] = field(default_factory=dict)
    picture: Path | None = None
    first_frame: Path | None = None
    last_frame: Path | None = None
    references: tuple[Path, ...] = ()
    video: Path | None = None
    addresses: Mapping[Path, str] = field(default_factory=dict)
    """Signed, short-lived URLs by picture, for providers that accept pictures only as URLs."""
    mode: Mode = Mode.WORDS
    reference_count: int = 0
    """Number of reference pictures of a request without files, for its price."""

    @property
    def picture_count(self) -> int:
        """Return the number of pictures that the provider receives; known without the files."""
        if self.mode == Mode.REFERENCES:
            return max(len(self.references), self.reference_count)
        return {Mode.PICTURE: 1, Mode.FIRST_LAST: 2}.get(self.mode, 0)

    @property
    def start(self) -> Path | None:
        """Return the picture that the clip starts with: the last frame of the previous clip, or the user's picture."""
        return self.first_frame or self.picture

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height in pixels, both even. The shorter side is ``resolution``; 21:9 is as wide as 16:9."""
        across, down = (int(part) for part in self.ratio.split(":"))
        short = self.resolution
        if (across, down) == (21, 9):
            width = short * 16 / 9
            return _even(width), _even(width * 9 / 21)
        if across >= down:
            return _even(short * across / down), _even(short)
        return _even(short), _even(short * down / across)


def _even(pixels: float) -> int:
    return round(pixels / 2) * 2


class ProviderError(Exception):
    """The provider failed. ``message`` is for the user, ``code`` for the job row and administrators."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code, self.message = code, message


class DrawingStopped(Exception):
    """The user cancelled the clip while it was being drawn."""


@dataclass
class Watch:
    """Functions with which a long step reports its progress and checks whether it was cancelled."""

    progress: Callable[[int, int], None]
    """Called often with (done, total); ``total`` does not change during the step."""
    is_cancelled: Callable[[], bool] = field(default=lambda: False)
    show_frame: Callable[[Any], None] = field(default=lambda frame: None)
    """Called at most once, with one frame of the clip before the clip is drawn: uint8 BGR, height × width × 3."""
    niceness: int = 0
    """How far drawing gives way to that of other clips: 0 (not at all) to 19."""


class Provider(ABC):
    """A provider. ``is_local``: the provider draws on this machine and costs nothing."""

    slug: str
    label: str | Promise
    byline: str | Promise
    """Credit line on the clip's page."""
    is_local = False

    @abstractmethod
    def capabilities(self) -> tuple[Capability, ...]:
        """Return the provider's models, the default model first."""

    @abstractmethod
    def estimate(self, request: ClipRequest) -> Estimate:
        """Return the price of one take, as an upper bound, and how long making it usually takes."""

    def capabilities_in(self, workspace) -> tuple[Capability, ...]:
        """Return the models that a workspace may use, including the workspace's own (ComfyUI workflows)."""
        return self.capabilities()

    def has_model(self, model: str, workspace) -> bool:
        """Return whether the workspace may use the model. Checked for every requested clip (services.clips)."""
        return any(capability.model == model for capability in self.capabilities_in(workspace))

    def is_workspace_model(self, model: str, workspace) -> bool:
        """Return whether the model was uploaded in the workspace, and so runs only on its connections."""
        return self.has_model(model, workspace) and not any(row.model == model for row in self.capabilities())

    def capability(self, model: str = "") -> Capability:
        """Return the named model, or the default model for an empty name. Raises KeyError for an unknown name."""
        capabilities = self.capabilities()
        return capabilities[0] if not model else {row.model: row for row in capabilities}[model]


class LocalProvider(Provider):
    """A provider on this machine: one call draws the whole clip."""

    is_local = True

    def estimate(self, request: ClipRequest) -> Estimate:
        """Return price 0, and the drawing time measured on two idle cores (docs/animatic.md), scaled by size and
        length.
        """
        width, height = request.size
        return Estimate(price=0, currency="USD", seconds=2 + 0.8 * width * height / (1280 * 720) * request.seconds)

    @abstractmethod
    def draw(self, request: ClipRequest, out: Path, watch: Watch) -> None:
        """Write a mezzanine MP4 to ``out``. Raises ProviderError, or DrawingStopped if cancelled."""
