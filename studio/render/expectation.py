"""What must be in a film's file, worked out from the plan and not from what was written."""

import zlib
from collections.abc import Sequence
from typing import NamedTuple

from studio.render.cache import Cache
from studio.render.clip import Clip
from studio.render.errors import FilmRefused
from studio.render.join_cache import window_packets
from studio.render.layout import Copy, Segment, kept
from studio.render.plan import Plan


class Expected(NamedTuple):
    """One packet, in the order of decoding. A decoder starts afresh at the first of a part."""

    number: int
    crc: int
    is_first: bool


def expected_packets(plan: Plan, segments: Sequence[Segment], clips: Sequence[Clip], cache: Cache) -> list[Expected]:
    """Every packet of the picture. Raises FilmRefused "order" if parts do not follow each other as planned, or cannot
    be decoded by themselves."""
    found: list[Expected] = []
    at = 0
    for segment in segments:
        if _planned_start(segment, plan) != at:
            raise FilmRefused("order", "The parts of the film do not follow each other as planned.")
        rows = _copied(segment, clips) if isinstance(segment, Copy) else _drawn(segment, plan, clips, cache)
        if sorted(number for number, _crc in rows) != list(range(segment.frames)):
            raise FilmRefused("length", "A part of the film has not the frames that were planned.")
        found += (Expected(at + number, crc, place == 0) for place, (number, crc) in enumerate(rows))
        at += segment.frames
    if at != plan.frames:
        raise FilmRefused("length", f"The parts of the film have {at} frames instead of {plan.frames}.")
    return found


def _planned_start(segment: Segment, plan: Plan) -> int:
    """The film frame at which a part has to start, from the places of the clips it shows."""
    if isinstance(segment, Copy):
        return plan.starts[segment.piece] + segment.start - kept(plan.pieces[segment.piece])[0]
    if part := segment.earlier:
        return plan.starts[part.piece] + part.start - kept(plan.pieces[part.piece])[0]
    assert segment.later
    return plan.starts[segment.later.piece] + segment.later.start - kept(plan.pieces[segment.later.piece])[0]


def _copied(segment: Copy, clips: Sequence[Clip]) -> list[tuple[int, int]]:
    """Numbers and checksums of a copied part. It must be one run of the clip's packets, in front of which is a door."""
    samples = clips[segment.piece].samples
    inside = [place for place, sample in enumerate(samples) if segment.start <= sample.number < segment.end]
    is_run = inside == list(range(inside[0], inside[-1] + 1))
    if not is_run or samples[inside[0]].number != segment.start:
        raise FilmRefused("order", "A copied part of the film cannot be decoded by itself.")
    return [(samples[place].number - segment.start, samples[place].crc) for place in inside]


def _drawn(segment: Segment, plan: Plan, clips: Sequence[Clip], cache: Cache) -> list[tuple[int, int]]:
    assert not isinstance(segment, Copy)
    packets = window_packets(segment, plan.format, clips, cache)
    return [(packet.number, zlib.crc32(packet.data)) for packet in packets]
