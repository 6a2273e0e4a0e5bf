"""Why a reaction to a work was refused."""


class ReactionRefused(Exception):
    """Nothing was changed; ``str()`` says why to the user, ``status`` is that of the response. ``field``: the field of
    the form that is to blame, "" for the main one."""

    def __init__(self, message: str, status: int = 403, *, field: str = "") -> None:
        super().__init__(message)
        self.status, self.field = status, field
