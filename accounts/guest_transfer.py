"""What happens to a guest's work: it moves to the person who signs up, or is destroyed when nobody does.

Floors above keep rows and files in workspaces; their ``ready()`` says here how those move and how they vanish.
"""

from collections.abc import Callable

_movers: list[Callable] = []
_emptiers: list[Callable] = []


def register(move: Callable) -> None:
    """``move(guest_workspace, workspace, user)`` runs inside the sign-up's transaction."""
    if move not in _movers:
        _movers.append(move)


def register_emptying(empty: Callable) -> None:
    """``empty(workspace)`` destroys all its rows and files; may be called again after it failed halfway."""
    if empty not in _emptiers:
        _emptiers.append(empty)


def quietly() -> None:
    """For loops that say after each thing that they got on: nobody wants to know."""


def move_all(guest, workspace, user) -> None:
    for move in _movers:
        move(guest, workspace, user)


def empty_all(workspace) -> None:
    """The highest floor first: what stands on other rows goes before them."""
    for empty in reversed(_emptiers):
        empty(workspace)
