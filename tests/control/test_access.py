"""Who may use the control plane."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

VENDOR_CREDENTIALS = ["cotalker-admin", "cotalker-agent", "cubicl-owner", "cubicl-member", "5up3r-s3cret-reporting"]
NOT_FROM_HERE = "A page of another origin may not use the control plane."


@pytest.fixture
def guarded(serve: Callable[..., Any]) -> Any:
    """A server beyond loopback, with an admin token."""
    return serve(host="0.0.0.0", admin_token="sesame@default")


def assert_forbidden(response: Any, detail: str) -> None:
    """Check that a request was refused as none of this machine's."""
    assert response.status_code == 403
    assert response.json() == {"errors": [{"code": "forbidden", "title": "Forbidden", "detail": detail}]}


def assert_unauthorized(response: Any) -> None:
    """Check that a request was refused for want of the admin token."""
    sent = response.request.headers.get("authorization", "").startswith("Bearer ")
    what = "The admin token that was sent is wrong; the" if sent else "The"
    detail = f"{what} control plane needs `Authorization: Bearer <UNDERSTUDY_ADMIN_TOKEN>`."
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json() == {"errors": [{"code": "unauthorized", "title": "Unauthorized", "detail": detail}]}


class TestToken:
    """The admin token."""

    def test_none_on_loopback(self, admin: TestClient) -> None:
        """On loopback nobody is asked for it."""
        assert admin.get("/env").status_code == 200

    def test_beyond_loopback(self, guarded) -> None:
        """Elsewhere it opens every path."""
        headers = {"Authorization": "Bearer sesame@default"}

        assert guarded.admin.get("/env", headers=headers).status_code == 200
        assert guarded.client("").get("/s/default/__admin/env", headers=headers).status_code == 200

    @pytest.mark.parametrize("path", ["/health", "/ready"])
    def test_what_is_open_to_all(self, guarded, path: str) -> None:
        """Health and readiness need no token."""
        assert guarded.admin.get(path).status_code == 200
        assert guarded.client("").get(f"/s/default/__admin{path}").status_code == 200

    @pytest.mark.parametrize(
        "authorization",
        [None, "", "Bearer", "Bearer ", "Bearer other", "Bearer sesame", "Basic sesame@default", "Bearer é", "sesame@default"],
    )
    def test_anything_else_is_refused(self, guarded, authorization: str | None) -> None:
        """No token, another one, a part of it, another scheme: 401 everywhere else."""
        headers = {} if authorization is None else {"Authorization": authorization.encode()}

        for path in ("/env", "/settings", "/metrics", "/events", "/openapi.json", "/docs", "/nothing", "/healthy", "/health/"):
            assert_unauthorized(guarded.admin.get(path, headers=headers))
        assert_unauthorized(guarded.admin.post("/reset", headers=headers))

    @pytest.mark.parametrize("configured", [None, ""])
    def test_none_configured(self, serve: Callable[..., Any], configured: str | None) -> None:
        """Without a token there is none that fits."""
        server = serve(host="0.0.0.0", admin_token=configured)

        assert_unauthorized(server.admin.post("/reset", headers={"Authorization": "Bearer "}))
        assert_unauthorized(server.admin.post("/reset", headers={"Authorization": "Bearer None"}))

    @pytest.mark.parametrize("credential", VENDOR_CREDENTIALS)
    def test_no_vendor_s_credential(self, guarded, credential: str) -> None:
        """A credential of a vendor is worth nothing here."""
        assert_unauthorized(guarded.admin.get("/env", headers={"Authorization": f"Bearer {credential}"}))

    @pytest.mark.parametrize("path", ["/cotalker/api/v2/users/me", "/cubicl/api/v1/app/me", "/groupcamp/core/v1/groups"])
    def test_opens_no_vendor(self, serve: Callable[..., Any], path: str) -> None:
        """The admin token is worth nothing at a vendor."""
        server = serve(host="0.0.0.0", admin_token="sesame")

        response = server.client("").get(path, headers={"Authorization": "Bearer sesame", "Admin": "true"})

        assert response.status_code in (401, 403)
        assert response.status_code == server.client("").get(path, headers={"Authorization": "Bearer nobody"}).status_code

    @pytest.mark.parametrize("path", ["/s/nobody/__admin/env", "/s/nobody/__admin/sandboxes", "/s/nobody/__admin/no-such-path"])
    def test_tells_no_stranger_which_sandboxes_there_are(self, guarded, path: str) -> None:
        """Who has no token gets 401 for a sandbox that is not there, too; who has it gets 404."""
        client = guarded.client("")

        assert_unauthorized(client.get(f"http://testserver{path}"))

        known = client.get(f"http://testserver{path}", headers={"Authorization": "Bearer sesame@default"})
        assert (known.status_code, known.json()["errors"][0]["code"]) == (404, "unknown_sandbox")

    def test_selects_no_sandbox(self, guarded) -> None:
        """An `@` in it is a letter like any other: it neither selects a sandbox nor is cut off."""
        headers = {"Authorization": "Bearer sesame@default"}
        guarded.admin.post("/sandboxes", json={"name": "box"}, headers=headers)

        asked = guarded.admin.get("/env", headers={**headers, "X-Understudy-Sandbox": "box"})

        assert asked.json()["sandbox"] == "box"
        assert guarded.admin.get("/env", headers=headers).json()["sandbox"] == "default"

    def test_a_vendor_s_credential_selects_nothing_here(self, admin: TestClient) -> None:
        """What selects a sandbox at a vendor does not at the control plane, where there is none of that name either."""
        assert admin.get("/env", headers={"Authorization": "Bearer cubicl-owner@nowhere"}).json()["sandbox"] == "default"


class TestPages:
    """Pages in somebody's browser."""

    @pytest.mark.parametrize(
        "origin", ["http://evil.example", "null", "http://testserver:81", "http://testserver.evil.example", ""]
    )
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_of_another_origin(self, admin: TestClient, origin: str, method: str) -> None:
        """They are refused, whatever they ask."""
        assert_forbidden(admin.request(method, "/reset", headers={"Origin": origin}), NOT_FROM_HERE)

    def test_of_this_origin(self, admin: TestClient) -> None:
        """A page of the server itself may steer it."""
        assert admin.post("/reset", headers={"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}).status_code == 200

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_that_show_no_origin(self, admin: TestClient, site: str) -> None:
        """What a page elsewhere, if only on another port, loads as an image or a script says so in another header: refused."""
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}

        assert_forbidden(admin.get("/env", headers=headers), NOT_FROM_HERE)
        assert_forbidden(admin.get("/env", headers={"Sec-Fetch-Site": site}), NOT_FROM_HERE)

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_links(self, admin: TestClient, site: str) -> None:
        """Who follows a link of another site comes in, unless the link would change something."""
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}

        assert admin.get("/docs", headers=headers).status_code == 200
        assert_forbidden(admin.post("/reset", headers=headers), NOT_FROM_HERE)
        assert_forbidden(admin.get("/docs", headers={**headers, "Sec-Fetch-Dest": "iframe"}), NOT_FROM_HERE)

    def test_with_the_token(self, guarded) -> None:
        """Beyond loopback not even the token lets them in."""
        headers = {"Authorization": "Bearer sesame@default", "Origin": "http://evil.example"}

        assert_forbidden(guarded.admin.get("/env", headers=headers), NOT_FROM_HERE)


class TestHost:
    """The name under which this machine was called."""

    @pytest.mark.parametrize(
        "host",
        [
            "localhost", "LOCALHOST:8080", "localhost.", "app.localhost:1", "127.0.0.1", "127.0.0.1:8080", "127.9.8.7", "[::1]",
            "[::1]:8080", "testserver", "TestServer:80",
        ],
    )  # fmt: skip
    def test_of_this_machine(self, admin: TestClient, host: str) -> None:
        """A name of loopback, or one that the settings add, is right, with a port or without, in letters of either case."""
        assert admin.get("/env", headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[2001:db8::1]",
            "0.0.0.0", "evillocalhost", "[::1].evil.example", "127.0.0.1@evil.example", "a b", ":80",
        ],
    )  # fmt: skip
    def test_of_another(self, admin: TestClient, host: str) -> None:
        """Any other is that of a page which made its name lead here: refused."""
        response = admin.get("/env", headers={"Host": host})

        assert_forbidden(response, f"{host!r} is no name of this machine; UNDERSTUDY_TLS_HOSTS can make it one.")

    def test_of_another_with_its_own_origin(self, admin: TestClient) -> None:
        """Such a page is of the same origin as what it asks, which helps it nothing."""
        headers = {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}

        assert admin.post("/reset", headers=headers).status_code == 403

    def test_only_testserver_by_setting(self, serve: Callable[..., Any]) -> None:
        """Without the setting the name of the test client is no name of this machine."""
        server = serve(tls_hosts=[])

        assert server.admin.get("/env").status_code == 403
        assert server.admin.get("/health").status_code == 200
        assert server.admin.get("/env", headers={"Host": "localhost"}).status_code == 200

    def test_beyond_loopback(self, guarded) -> None:
        """A server for others is called by names that it can't know; there the token decides."""
        headers = {"Authorization": "Bearer sesame@default", "Host": "understudy.internal:8080"}

        assert guarded.admin.get("/env", headers=headers).status_code == 200

    def test_vendors_are_not_concerned(self, server) -> None:
        """A vendor is called by whatever name."""
        headers = {"Authorization": "Bearer cubicl-owner", "Host": "evil.example"}

        assert server.client("/cubicl").get("/api/v1/app/me", headers=headers).status_code == 200
