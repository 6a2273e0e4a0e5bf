"""Why a reaction to a work was refused."""


class ReactionRefused(Exception):
    """Nothing was changed; ``str()`` says why to the user, ``status`` is that of the response."""

    def __init__(self, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.status = status
