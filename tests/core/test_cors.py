"""Browser pages of other origins may call a vendor, unless the setting says otherwise."""

import pytest
from starlette.testclient import TestClient

PAGE = "https://app.example.test"
QUESTION = {
    "Origin": PAGE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "admin,authorization,content-type",
}
ADDRESSES = {"cotalker": "/cotalker/api/v2/task-groups", "cubicl": "/cubicl/api/v1/tasks"}
TOKENS = {"cotalker": "cotalker-admin", "cubicl": "cubicl-owner"}


@pytest.mark.parametrize("vendor", ADDRESSES)
class TestBrowser:
    """What a page of another origin meets."""

    def test_preflight(self, server, vendor: str) -> None:
        """Every path tells that every method and the headers asked for are allowed; no credentials are needed."""
        response = server.main.options(ADDRESSES[vendor], headers=QUESTION)

        assert (response.status_code, response.content) == (204, b"")
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["access-control-allow-headers"] == "admin,authorization,content-type"
        assert response.headers["access-control-allow-methods"] == "GET, HEAD, POST, PUT, PATCH, DELETE"
        assert response.headers["vary"] == "Access-Control-Request-Headers"

    @pytest.mark.parametrize("path", ["", "/nowhere/at/all"])
    @pytest.mark.parametrize("token", ["", "Bearer wrong", "Bearer {}"])
    def test_answers(self, server, vendor: str, token: str, path: str) -> None:
        """Every answer may be read, refusals included."""
        headers = {"Origin": PAGE, "Authorization": token.format(TOKENS[vendor])}

        response = server.main.get(ADDRESSES[vendor] + path, headers=headers)

        assert response.headers["access-control-allow-origin"] == "*"

    def test_others_see_nothing_of_it(self, server, vendor: str) -> None:
        """A client that is no browser gets the answers it always got; its OPTIONS is no preflight."""
        plain = server.main.options(ADDRESSES[vendor])
        with_origin = server.main.options(ADDRESSES[vendor], headers={"Origin": PAGE})

        assert plain.status_code == with_origin.status_code
        assert plain.status_code in (401, 404, 405)
        assert not [name for name in plain.headers if name.startswith("access-control")]

    def test_off(self, serve, vendor: str) -> None:
        """With the setting off no page may call."""
        client: TestClient = serve(cors=False).main

        preflight = client.options(ADDRESSES[vendor], headers=QUESTION)
        answer = client.get(ADDRESSES[vendor], headers={"Origin": PAGE, "Authorization": f"Bearer {TOKENS[vendor]}"})

        assert (preflight.status_code, answer.status_code) == (401 if vendor == "cubicl" else 404, 200)
        assert not [name for name in (*preflight.headers, *answer.headers) if name.startswith("access-control")]
