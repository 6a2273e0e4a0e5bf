"""Django's ASGI handler for a site whose middleware and views are synchronous."""

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler


class SyncASGIHandler(ASGIHandler):
    """Handles each request in one thread, from the first middleware to the rendered page.

    Django's own handler returns to the event loop before each ``process_view``, the view and the rendering: a dozen
    changes of threads a page, each of which waits until the other threads release the interpreter.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request):
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)
