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
    """No usable ffmpeg on this machine. Not an FfmpegFailed, which counts against the file after a few attempts."""


class Cancelled(Exception):
    """The caller cancelled. The child is dead and nothing was published."""


class PictureRefused(Exception):
    """The image is not accepted; `code` identifies the reason for translation and tests."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
