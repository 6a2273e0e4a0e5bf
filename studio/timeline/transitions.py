"""Fit the transitions between scenes to their lengths, for the storyboard as for the film."""

from pathlib import Path

from studio.render.fitting import fit_joins
from studio.render.plan import CUT, Join, JoinKind, Shot

MAX_FRAMES = 240

__all__ = ["CUT", "Join", "fit_transitions", "get_wanted_join"]


def get_wanted_join(kind: str, frames: int) -> Join:
    """Return the transition that the user chose, whether or not it fits."""
    return Join(JoinKind(kind), 0 if kind == JoinKind.CUT else min(frames, MAX_FRAMES))


def fit_transitions(panels) -> None:
    """Set ``join`` of each panel but the last to the transition to the next panel, shortened to fit."""
    pieces = [Shot(Path(), "", panel.frames) for panel in panels]
    wanted = [get_wanted_join(panel.scene.join_kind, panel.scene.join_frames) for panel in panels[:-1]]
    for panel, join in zip(panels, fit_joins(pieces, wanted)[0], strict=False):
        panel.join = join
