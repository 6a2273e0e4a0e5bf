"""Why something about people in the gallery was refused."""


class PeopleRefused(Exception):
    """Nothing was changed; ``str()`` says why to the user. ``field``: the field of the form that is wrong, or ""."""

    def __init__(self, message: str, field: str = "", status: int = 422) -> None:
        super().__init__(message)
        self.field = field
        self.status = status


class HandleRefused(PeopleRefused):
    def __init__(self, message: str) -> None:
        super().__init__(message, "handle")
