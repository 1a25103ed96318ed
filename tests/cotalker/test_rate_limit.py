"""Rate limits: off until switched on, then one budget for the whole company on the sandbox's clock."""

import pytest
from starlette.testclient import TestClient

from contract_check import VERBS
from understudy.core.contract import contract

OPERATIONS = [
    (verb, path)
    for path, item in contract("cotalker")["paths"].items()
    if "auth/local" not in path
    for verb in VERBS
    if verb in item
]


def client(server, token: str = "cotalker-admin") -> TestClient:
    """A client with a token."""
    one: TestClient = server.client("/cotalker", Authorization=f"Bearer {token}")
    return one


def statuses(one: TestClient, number: int) -> list[int]:
    """What so many requests are answered with."""
    return [one.get("/api/v2/users/me").status_code for _ in range(number)]


def test_off(server) -> None:
    """Nobody is refused by default."""
    assert set(statuses(client(server), 120)) == {200}


def test_budget(limited, limited_clock, assert_refused) -> None:
    """Request 51 of a window is refused and told when to come back."""
    limited_clock.advance("PT1.2S")
    assert statuses(client(limited), 50) == [200] * 50

    response = client(limited).get("/api/v2/users/me")

    assert_refused(response, 429, "Too Many Requests")
    assert response.headers["retry-after"] == "4"


def test_is_shared_by_the_company(limited) -> None:
    """What one user has used up, another has not."""
    statuses(client(limited), 50)

    assert statuses(client(limited, "cotalker-agent"), 1) == [429]


def test_next_window(limited, limited_clock) -> None:
    """Who waits as long as told is served."""
    statuses(client(limited), 51)

    limited_clock.advance("PT4.999S")
    assert client(limited).get("/api/v2/users/me").headers["retry-after"] == "1"
    limited_clock.advance("PT0.001S")
    assert statuses(client(limited), 51) == [200] * 50 + [429]


def test_reset_forgives(limited) -> None:
    """A reset starts anew."""
    statuses(client(limited), 51)

    limited.reset()

    assert statuses(client(limited), 1) == [200]


def test_strangers_are_not_counted(limited) -> None:
    """A bad token belongs to no company; a login to none yet."""
    assert set(statuses(client(limited, "wrong"), 60)) == {401}
    for _ in range(60):
        body = {"email": "agent@cotalker.test", "password": "understudy"}
        assert limited.client("/cotalker").post("/auth/local", json=body).status_code == 200

    assert statuses(client(limited), 1) == [200]


@pytest.mark.parametrize(("verb", "path"), OPERATIONS)
def test_every_operation(limited, assert_refused, verb: str, path: str) -> None:
    """It comes before anything that the operation looks at."""
    statuses(client(limited), 50)

    response = client(limited).request(verb.upper(), path.replace("{", "").replace("}", ""))

    assert_refused(response, 429, "Too Many Requests")
