"""What of an answer is the vendor's."""

from httpx2 import Response


def vendors_headers(response: Response) -> dict[str, str]:
    """Return the headers of a response without the one that differs with every request: its number in the journal."""
    headers = dict(response.headers)
    assert headers.pop("x-understudy-request")
    return headers
