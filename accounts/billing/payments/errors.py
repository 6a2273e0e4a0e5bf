"""Why a purchase is refused."""

from common.messages import Message, build_message


class PurchaseRefused(Exception):
    """Nothing was bought. ``message`` is for the user."""

    def __init__(self, code: str, **values):
        self.message: Message = build_message(code, **values)
        super().__init__(code)

    def __str__(self):
        return str(self.message)
