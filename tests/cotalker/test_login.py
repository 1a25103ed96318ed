"""Cotalker's login, and the token that it gives."""

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest
from starlette.testclient import TestClient

from understudy.core.sandbox import DEFAULT
from understudy.vendors.cotalker.tables import User

ADMIN = "61b9b7a9d258d731520fc846"
AGENT = "61b9b7b1d258d731520fc84a"
COMPANY = "613eafd572343ecb53cc8ccc"
NEIGHBOUR = "613eafd572343ecb53cc8cd1"
GROUPS = "/api/v2/task-groups"
CREDENTIALS = {"email": "admin@cotalker.test", "password": "understudy"}


def log_in(client: TestClient, email: str = "admin@cotalker.test") -> str:
    """Log in and return the token."""
    token: str = client.post("/auth/local", json={"email": email, "password": "understudy"}).json()["token"]
    return token


def claims_of(token: str) -> dict[str, Any]:
    """Return what a token says."""
    return jwt.decode(token, options={"verify_signature": False})


def bearer(token: str) -> dict[str, str]:
    """Return the header for a token."""
    return {"Authorization": f"Bearer {token}"}


def part(value: object) -> str:
    """Write one part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


class TestLogin:
    """POST /auth/local and POST /api/v3/auth/local."""

    @pytest.mark.parametrize("path", ["/auth/local", "/api/v3/auth/local", "/auth/local/", "/Auth/Local", "/API/V3/auth/LOCAL/"])
    def test_answers_the_token_alone(self, anonymous: TestClient, path: str) -> None:
        """Both paths answer 200 with a token and nothing around it."""
        response = anonymous.post(path, json=CREDENTIALS)

        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert list(response.json()) == ["token"]
        assert anonymous.get(GROUPS, headers=bearer(response.json()["token"])).status_code == 200

    @pytest.mark.parametrize(
        ("email", "user", "company"),
        [
            ("admin@cotalker.test", ADMIN, COMPANY),
            ("agent@cotalker.test", AGENT, COMPANY),
            ("admin@vecina.test", "61b9b7ced258d731520fc85d", NEIGHBOUR),
        ],
    )
    def test_claims(self, anonymous: TestClient, clock, email: str, user: str, company: str) -> None:
        """A token is an HS256 JWT of seven claims; `date` is in milliseconds, `iat` and `exp` in seconds, thirty days apart."""
        clock.freeze("2026-06-01T08:00:00.417Z")

        token = log_in(anonymous, email)

        assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
        assert claims_of(token) == {
            "_id": user,
            "role": "user",
            "company": company,
            "date": 1780300800417,
            "irt": True,
            "iat": 1780300800,
            "exp": 1780300800 + 2_592_000,
        }

    @pytest.mark.parametrize("email", ["ADMIN@cotalker.test", " admin@cotalker.test "])
    def test_address_is_one_in_any_spelling(self, anonymous: TestClient, email: str) -> None:
        """Letter case and spaces around an address make no difference."""
        response = anonymous.post("/auth/local", json={**CREDENTIALS, "email": email})

        assert claims_of(response.json()["token"])["_id"] == ADMIN

    @pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}, {"Content-Type": "application/json"}])
    def test_content_type_does_not_matter(self, anonymous: TestClient, headers: dict[str, str]) -> None:
        """What starts with a brace is JSON, whatever is said about it; other fields are ignored."""
        content = json.dumps({**CREDENTIALS, "remember": True})

        response = anonymous.post("/auth/local", content=content, headers={**headers, "Accept-Charset": "utf-8"})

        assert response.status_code == 200

    @pytest.mark.parametrize(
        ("email", "password"),
        [
            ("nobody@cotalker.test", "understudy"),
            ("admin@cotalker.test", "wrong"),
            ("admin@cotalker.test", "Understudy"),
            ("admin@cotalker.test", "understudy "),
            ("former@cotalker.test", "understudy"),
            ("a\0b", "c\0d"),
        ],
    )
    def test_refused(self, anonymous: TestClient, assert_refused, email: str, password: str) -> None:
        """An unknown address, a wrong password and a deactivated user look the same."""
        response = anonymous.post("/auth/local", json={"email": email, "password": password})

        assert_refused(response, 401, "Invalid email or password")

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            ("{}", '"email" is required'),
            ("", '"email" is required'),
            (" \n", '"email" is required'),
            ('{"password": "x"}', '"email" is required'),
            ('{"email": "x"}', '"password" is required'),
            ('{"email": 5, "password": "x"}', '"email" must be a string:\n("5")'),
            ('{"email": null, "password": "x"}', '"email" must be a string:\n("null")'),
            ('{"email": "x", "password": ["y"]}', '"password" must be a string:\n("["y"]")'),
            ('{"email": "", "password": "x"}', '"email" must not be empty:\n("")'),
            ('{"email": "x", "password": ""}', '"password" must not be empty:\n("")'),
            ("[]", '"value" must be of type object:\n("[]")'),
            ("{", "Invalid JSON"),
            ('"text"', "Invalid JSON"),
            ("5", "Invalid JSON"),
            ("null", "Invalid JSON"),
            ("email=x&password=y", "Invalid JSON"),
        ],
    )
    @pytest.mark.parametrize("path", ["/auth/local", "/api/v3/auth/local"])
    def test_incomplete(self, anonymous: TestClient, assert_refused, path: str, content: str, error: str) -> None:
        """A body that lacks something is refused before anybody looks at the credentials."""
        response = anonymous.post(path, content=content, headers={"Content-Type": "application/json"})

        assert_refused(response, 400, error)

    def test_other_path_refuses_alike(self, anonymous: TestClient, assert_refused) -> None:
        """Wrong credentials are refused under the second path as under the first."""
        response = anonymous.post("/api/v3/auth/local", json={"email": "admin@cotalker.test", "password": "wrong"})

        assert_refused(response, 401, "Invalid email or password")

    def test_takes_no_debug(self, anonymous: TestClient, assert_refused) -> None:
        """The login is no route of version 2: `debug=true` adds nothing."""
        success = anonymous.post("/auth/local?debug=true", json=CREDENTIALS)
        refusal = anonymous.post("/auth/local?debug=true", json={})

        assert list(success.json()) == ["token"]
        assert_refused(refusal, 400, '"email" is required')


class TestToken:
    """The token as a bearer."""

    @pytest.mark.parametrize("elapsed", ["PT0S", "P29DT23H59M59S"])
    def test_lives_thirty_days(self, anonymous: TestClient, clock, elapsed: str) -> None:
        """A token is good until its last second."""
        clock.freeze("2026-06-01T08:00:00Z")
        token = log_in(anonymous)

        clock.advance(elapsed)

        assert anonymous.get(GROUPS, headers=bearer(token)).status_code == 200

    @pytest.mark.parametrize("elapsed", ["P30D", "P31D", "P900D"])
    def test_expires(self, anonymous: TestClient, clock, assert_refused, elapsed: str) -> None:
        """After thirty days of the sandbox's clock it is worth nothing."""
        clock.freeze("2026-06-01T08:00:00Z")
        token = log_in(anonymous)

        clock.advance(elapsed)

        assert_refused(anonymous.get(GROUPS, headers=bearer(token)), 401, "Unauthorized")

    def test_has_the_rights_of_its_user(self, anonymous: TestClient, assert_refused) -> None:
        """With one user's token the administrative version is refused, with another's it is not."""
        admin, agent = log_in(anonymous), log_in(anonymous, "agent@cotalker.test")
        path = f"{GROUPS}/61a8b233685ed3562e7cfdeb"

        assert anonymous.get(path, headers={"Admin": "true", **bearer(admin)}).status_code == 200
        assert_refused(anonymous.get(path, headers={"Admin": "true", **bearer(agent)}), 403, "Forbidden")

    def test_dies_with_its_user(self, server, anonymous: TestClient, assert_refused) -> None:
        """A user who has been deactivated since gets no further with a token."""
        token = log_in(anonymous)
        with server.app.sandboxes[DEFAULT].session() as session:
            user = session.get(User, ADMIN)
            user.is_active = False
            session.save(user)

        assert_refused(anonymous.get(GROUPS, headers=bearer(token)), 401, "Unauthorized")

    def test_survives_a_reset(self, server, anonymous: TestClient) -> None:
        """The same world has the same users and the same key, so a reset takes no token away."""
        token = log_in(anonymous)

        server.reset()

        assert anonymous.get(GROUPS, headers=bearer(token)).status_code == 200

    def test_belongs_to_its_world(self, serve, anonymous: TestClient, assert_refused) -> None:
        """A world of another seed has another key."""
        other = serve(seed=7).client("/cotalker")

        assert_refused(other.get(GROUPS, headers=bearer(log_in(anonymous))), 401, "Unauthorized")

    def test_forged(self, anonymous: TestClient, assert_refused) -> None:
        """A token whose parts do not belong together is refused, however it was put together."""
        token = log_in(anonymous, "agent@cotalker.test")
        header, payload, signature = token.split(".")
        promoted = part({**claims_of(token), "_id": ADMIN})
        plain = part({"alg": "none", "typ": "JWT"})
        deep = base64.urlsafe_b64encode(b"[" * 20_000).decode().rstrip("=")
        own_key = hmac.new(b"secret", f"{header}.{promoted}".encode(), hashlib.sha256).digest()
        forgeries = [
            f"{header}.{promoted}.{signature}",
            f"{header}.{promoted}.{base64.urlsafe_b64encode(own_key).decode().rstrip('=')}",
            f"{plain}.{payload}.",
            f"{plain}.{payload}.{signature}",
            f"{part({'alg': 'HS512', 'typ': 'JWT'})}.{payload}.{signature}",
            f"{part({'alg': ['HS256']})}.{payload}.{signature}",
            f"{part({'alg': None})}.{payload}.{signature}",
            f"{header}.{payload}.",
            f"{header}.{payload}.{signature[:-2]}",
            f"{header}.{payload}.{signature[::-1]}",
            f"{header}.{payload}",
            f"{token}.{signature}",
            f"{deep}.{payload}.{signature}",
            f"{header}.{deep}.{signature}",
            "..",
            "a.b.c",
            "\u00e9.\u00e9.\u00e9",
        ]

        assert anonymous.get(GROUPS, headers=bearer(token)).status_code == 200
        for forgery in forgeries:
            headers = {b"Authorization": f"Bearer {forgery}".encode("latin-1")}
            assert_refused(anonymous.get(GROUPS, headers=headers), 401, "Unauthorized")
