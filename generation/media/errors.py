"""Errors of media processing. Messages are English sentences for users."""


class MediaRefused(Exception):
    """The file is not accepted; `code` identifies the reason for translation and tests."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class FfmpegFailed(Exception):
    """ffmpeg failed for a reason not known to be the file's fault; `detail` is the end of its output."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.detail = detail


class FfmpegUnavailable(RuntimeError):
    """This machine has no usable ffmpeg. Not an FfmpegFailed, because repeated failures count against the file."""


class Cancelled(Exception):
    """The caller cancelled: the child process is dead and no output file was published."""


class PictureRefused(Exception):
    """The image is not accepted; `code` identifies the reason for translation and tests."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
