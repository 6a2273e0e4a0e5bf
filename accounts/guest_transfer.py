"""What happens to a guest's work: it moves to the person who signs up, or is destroyed when nobody does.

Upper apps keep rows and files in workspaces; their AppHooks say how those move and how they vanish.
"""

from common import hooks


def quietly() -> None:
    """For loops that say after each thing that they got on: nobody wants to know."""


def move_all(guest, workspace, user) -> None:
    for move in hooks.each("transfer_guest_work"):
        move(guest, workspace, user)


def empty_all(workspace) -> None:
    """Destroy everything in a workspace, highest app first: rows that refer to others go before them."""
    for empty in reversed(list(hooks.each("empty_workspace"))):
        empty(workspace)
