"""What a film would show although the story says something else by now: older words, somebody's earlier look."""

from dataclasses import dataclass

from studio.films import messages as film_messages
from studio.storyboard.board import Panel


@dataclass(frozen=True)
class Outdated:
    """``help`` names the step that helps: animate (free), sheet, board, or wait where it is being drawn."""

    words: str
    help: str


def outdated(panels: list[Panel]) -> list[Outdated]:
    """A sentence for all scenes that are out of date in the same way and are helped by the same step."""
    found: dict[tuple, list[int]] = {}
    for panel in panels:
        if panel.is_stale:
            found.setdefault((film_messages.earlier_look, _help(panel, "sheet")), []).append(panel.n)
        elif panel.is_older:
            found.setdefault((film_messages.older_words, _help(panel, "board")), []).append(panel.n)
    return [Outdated(words(numbers), help) for (words, help), numbers in found.items()]


def _help(panel: Panel, otherwise: str) -> str:
    if panel.is_busy:
        return "wait"
    return "animate" if panel.can_be_sketched else otherwise
