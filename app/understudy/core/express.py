"""Routing as Node's Express does it, for the vendors that seem to run on it."""

import re
from typing import Any

from fastapi.routing import APIRoute


class ExpressRoute(APIRoute):
    """A route as Express matches it: letters of either case, a trailing slash or none, HEAD wherever there is GET.

    Those are Express's defaults. That a vendor runs on Express is seen in clients or inferred; its room says which.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"/?\Z", re.IGNORECASE)
        if self.methods and "GET" in self.methods:
            self.methods.add("HEAD")
