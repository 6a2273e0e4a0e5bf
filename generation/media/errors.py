"""What can go wrong with media, in words. Every message is an English sentence a person can read.

They are named for what happened to the job (refused, cancelled), not for being errors: most of them are answers.
"""


class MediaRefused(Exception):
    """The file is not something this studio takes; `code` names why, for translation and for tests."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class FfmpegFailed(Exception):
    """The tool failed for a reason that is not known to be the file's fault; `detail` is its own last output."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.detail = detail


class FfmpegUnavailable(RuntimeError):
    """There is no ffmpeg here that could look at any file: it is this machine's trouble, and no FfmpegFailed, which is
    held against the file after a few tries."""


class Cancelled(Exception):
    """The caller asked to stop. The child is dead and nothing was published."""


class PictureRefused(Exception):
    """The picture is not something this studio takes; `code` names why, for translation and for tests."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
