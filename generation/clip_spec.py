"""The typed request for a clip, shared by forms, services, retries and stories."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from generation.models import Clip, Picture, Video
from generation.providers.base import ClipRequest, Mode
from generation.providers.models import Connection

SETTINGS = (
    "prompt",
    "negative_prompt",
    "style",
    "provider",
    "model",
    "ratio",
    "resolution",
    "seconds",
    "seed",
    "paint",
    "chips_off",
    "options",
)
SOURCES = ("picture", "last_picture", "continues", "video", "effects_source")  # rows that a clip starts from or ends on
LEFT_OUT = "left_out"  # option: number of frames to skip at the end of the clip that this one continues


@dataclass(frozen=True, kw_only=True)
class ClipSpec:
    """The settings and the rows of a requested clip.

    ``seed`` is None if nobody chose one: each take then gets its own. ``connection`` is None for the nearest connection
    that the user may use. ``references`` are in the order in which the provider receives them.
    """

    provider: str
    model: str = ""
    prompt: str = ""
    negative_prompt: str = ""
    style: str = "cel"
    ratio: str = "16:9"
    resolution: int = 720
    seconds: int = 5
    seed: int | None = None
    paint: bool = True
    chips_off: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    picture: Picture | None = None
    last_picture: Picture | None = None
    continues: Clip | None = None
    video: Video | None = None
    effects_source: Clip | None = None
    references: tuple[Picture, ...] = ()
    variation_of: Clip | None = None
    connection: Connection | None = None

    @classmethod
    def from_form(cls, values: Mapping[str, Any], **rows) -> Self:
        """Build a spec from the cleaned data of a ClipForm and the ``rows`` that it names by id."""
        settings = {name: values[name] for name in SETTINGS if name in values}
        return cls(**settings, connection=values.get("connection"), **rows)

    @classmethod
    def from_clip(cls, clip: Clip) -> Self:
        names = (*SETTINGS, *SOURCES, "connection")
        references = tuple(reference.picture for reference in clip.references.select_related("picture"))
        return cls(**{name: getattr(clip, name) for name in names}, references=references)

    @property
    def mode(self) -> Mode:
        return _choose_mode(
            video=self.video or self.effects_source,
            last=self.last_picture,
            first=self.picture or self.continues,
            references=self.references,
        )

    @property
    def sources(self) -> list[Picture | Clip | Video]:
        """All rows that the clip starts from or ends on, with its references."""
        return [*(row for name in SOURCES if (row := getattr(self, name))), *self.references]

    def fingerprint(self) -> dict:
        """Return the values that tell two requests apart, as JSON. A random seed and the connection are left out."""
        settings = {name: getattr(self, name) for name in SETTINGS if name != "seed" or self.seed is not None}
        settings |= {"chips_off": list(self.chips_off), "options": dict(self.options)}
        rows = {name: str(row.pk) for name in (*SOURCES, "variation_of") if (row := getattr(self, name))}
        return settings | rows | {"references": [str(picture.pk) for picture in self.references]}

    def digest(self) -> str:
        """Return the SHA-256 of the request, which is the same for identical requests. Seed and connection do not
        count."""
        values = self.fingerprint() | {"seed": None, "variation_of": None, "chips_off": sorted(self.chips_off)}
        return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()

    def to_request(self) -> ClipRequest:
        """Return the request for a provider, without files: enough for estimates and checks."""
        return _build_request(self, self.mode, len(self.references))

    def build_clip(self, **columns) -> Clip:
        """Return an unsaved clip with these settings and rows, and the other ``columns``. References are not set."""
        names = (*SETTINGS, *SOURCES, "variation_of", "connection")
        values = {name: getattr(self, name) for name in names}
        values |= {"chips_off": list(self.chips_off), "options": dict(self.options), "request_digest": self.digest()}
        return Clip(**values | columns)


def build_clip_request(clip: Clip) -> ClipRequest:
    """Return the request for a saved clip, without files. Does not read the rows that the clip refers to.

    ``reference_count``, if the clip is annotated with it, is the number of its references.
    """
    references = clip.references.count() if clip.reference_count is None else clip.reference_count
    mode = _choose_mode(
        video=clip.video_id or clip.effects_source_id,
        last=clip.last_picture_id,
        first=clip.picture_id or clip.continues_id,
        references=references,
    )
    return _build_request(clip, mode, references)


def _build_request(source: Clip | ClipSpec, mode: Mode, references: int) -> ClipRequest:
    return ClipRequest(
        prompt=source.prompt,
        negative_prompt=source.negative_prompt,
        ratio=source.ratio,
        seconds=source.seconds,
        resolution=source.resolution,
        seed=source.seed or 0,
        model=source.model,
        style=source.style,
        paint=source.paint,
        chips_off=frozenset(source.chips_off),
        options=source.options,
        mode=mode,
        reference_count=references,
    )


def _choose_mode(*, video, last, first, references) -> Mode:
    """Return what the clip starts from; FIRST_LAST if there is a last frame."""
    if video:
        return Mode.VIDEO
    if last:
        return Mode.FIRST_LAST
    if first:
        return Mode.PICTURE
    return Mode.REFERENCES if references else Mode.WORDS
