"""Rate limits: off until switched on, then counted for each token on the sandbox's clock."""

import pytest
from starlette.testclient import TestClient

from contract_check import VERBS
from understudy.core.contract import contract

OPERATIONS = [
    (verb, path)
    for path, item in contract("cubicl")["paths"].items()
    if path.startswith("/api")
    for verb in VERBS
    if verb in item
]


def client(server, token: str = "cubicl-owner") -> TestClient:
    """A client with a token."""
    one: TestClient = server.client("/cubicl", Authorization=f"Bearer {token}")
    return one


def statuses(one: TestClient, number: int) -> list[int]:
    """What so many requests are answered with."""
    return [one.get("/api/v1/app/me").status_code for _ in range(number)]


def test_off(server) -> None:
    """Nobody is refused by default."""
    assert set(statuses(client(server), 300)) == {200}


def test_budget(limited) -> None:
    """Request 121 of a minute is refused with an empty body and no hint."""
    assert statuses(client(limited), 120) == [200] * 120

    response = client(limited).get("/api/v1/app/me")

    assert (response.status_code, response.content) == (429, b"")
    assert "retry-after" not in response.headers
    assert not [name for name in response.headers if "ratelimit" in name]


def test_each_token_has_its_own(limited) -> None:
    """Another token goes on."""
    statuses(client(limited), 121)

    assert statuses(client(limited, "cubicl-member"), 1) == [200]


def test_minute_slides(limited, limited_clock) -> None:
    """A request counts for sixty seconds; one that was refused never does."""
    statuses(client(limited), 60)
    limited_clock.advance("PT30S")
    assert statuses(client(limited), 61) == [200] * 60 + [429]

    limited_clock.advance("PT29.999S")
    assert statuses(client(limited), 1) == [429]
    limited_clock.advance("PT0.001S")
    assert statuses(client(limited), 61) == [200] * 60 + [429]


def test_reset_forgives(limited) -> None:
    """A reset starts anew."""
    statuses(client(limited), 121)

    limited.reset()

    assert statuses(client(limited), 1) == [200]


def test_setting(serve) -> None:
    """The other number of the vendor's page is a setting."""
    server = serve(rate_limits=True, cubicl_requests_per_minute=60)

    assert statuses(client(server), 61) == [200] * 60 + [429]


def test_bad_token_is_not_counted(limited) -> None:
    """Who is nobody is told so, however often."""
    assert set(statuses(client(limited, "wrong"), 130)) == {401}


def test_an_upload_counts_once(limited) -> None:
    """It is one request."""
    statuses(client(limited), 118)

    answers = [client(limited).post("/api/v1/files/upload", files={"file": ("a.txt", b"a")}).status_code for _ in range(3)]

    assert answers == [200, 200, 429]


@pytest.mark.parametrize(("verb", "path"), OPERATIONS)
def test_every_operation(serve, verb: str, path: str) -> None:
    """It comes before anything that the operation looks at."""
    server = serve(rate_limits=True, cubicl_requests_per_minute=1)
    statuses(client(server), 1)

    response = client(server).request(verb.upper(), path.replace("{", "").replace("}", ""))

    assert (response.status_code, response.content) == (429, b"")
