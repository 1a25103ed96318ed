"""Users: members of the organisation, anybody by id, and the caller."""

import pytest
from starlette.testclient import TestClient

from cubicl.office import ANNA, BOSS, FIELD, JEAN, NOBODY, PORTAL_USER, TASK, Office, assert_text


class TestGetOrganizationUsers:
    """GET /organization/users."""

    def test_members(self, owner: TestClient) -> None:
        """Everybody in the organisation is there, with an address, by id."""
        users = owner.get("/organization/users").json()

        assert len(users) == 16
        assert [user["_id"] for user in users] == sorted(user["_id"] for user in users)
        assert users[1] == {
            "_id": JEAN,
            "firstname": "Jean",
            "lastname": "Martin",
            "email": "jean@localhost",
            "profile": f"https://cubicl.test/profiles/{JEAN}.png",
        }

    def test_everybody_may_look(self, owner: TestClient, viewer: TestClient) -> None:
        """Whoever has a token sees all of them."""
        assert viewer.get("/organization/users").json() == owner.get("/organization/users").json()

    def test_current_members_only(self, office: Office, owner: TestClient) -> None:
        """Somebody new is there, a former user, a portal user and a sender of mails are not."""
        new, former = office.person().id, office.person().id
        office.do("remove-user", user=former)

        ids = {user["_id"] for user in owner.get("/organization/users").json()}

        assert new in ids
        assert not ids & {former, PORTAL_USER}


class TestGetUsersByIds:
    """GET /users."""

    def test_without_addresses(self, owner: TestClient) -> None:
        """A user comes as in the list, but without the address, in the order asked for."""
        listed = {user["_id"]: user for user in owner.get("/organization/users").json()}
        for user in listed.values():
            del user["email"]

        users = owner.get("/users", params={"ids": f"{ANNA},{BOSS}"}).json()

        assert users == [listed[ANNA], listed[BOSS]]

    def test_whoever_has_an_id(self, office: Office, owner: TestClient) -> None:
        """Former users, portal users and senders of mails are found too."""
        former = office.person().id
        office.do("remove-user", user=former)
        task = office.task(FIELD)["_id"]
        sender = office.do("make-email-task", task=task, **{"from": {"name": "Ada M. Byron", "emailAddress": "ada@x.test"}})
        plain = office.do("make-email-task", task=TASK, **{"from": {"name": "Ada", "emailAddress": "b@x.test"}})
        senders = [made["email"]["emailUserId"] for made in (sender, plain)]

        users = owner.get("/users", params={"ids": ",".join([former, PORTAL_USER, *senders])}).json()

        assert [user["_id"] for user in users] == [former, PORTAL_USER, *senders]
        assert [(user["firstname"], user["lastname"]) for user in users[2:]] == [("Ada M.", "Byron"), ("Ada", "")]
        assert users[0]["firstname"] == "New"
        assert users[1]["profile"] == f"https://cubicl.test/portal/{PORTAL_USER}.png"

    @pytest.mark.parametrize("ids", [f"{NOBODY},{JEAN}", f"x,{JEAN},\x00,%", f" {JEAN} ,,", f"{JEAN},{JEAN}", JEAN.upper()])
    def test_unknown_ids(self, owner: TestClient, ids: str) -> None:
        """What names nobody is left out, and what is said twice counts once."""
        assert [user["_id"] for user in owner.get("/users", params={"ids": ids}).json()] == [JEAN]

    def test_nobody(self, owner: TestClient) -> None:
        """Perhaps nobody is left."""
        assert owner.get("/users", params={"ids": NOBODY}).json() == []

    def test_many(self, owner: TestClient) -> None:
        """There may be as many ids as an address can hold."""
        ids = ",".join([ANNA, *(f"{number:x}" for number in range(12_500)), JEAN])

        assert [user["_id"] for user in owner.get(f"/users?ids={ids}").json()] == [ANNA, JEAN]

    @pytest.mark.parametrize("query", ["", "?ids=", "?ids=,%20,", "?id=x"])
    def test_missing(self, owner: TestClient, query: str) -> None:
        """Without ids it is a 400."""
        assert_text(owner.get(f"/users{query}"), 400, "ids is required")

    def test_repeated(self, owner: TestClient) -> None:
        """Two lists are a 400."""
        assert_text(owner.get(f"/users?ids={JEAN}&ids={ANNA}"), 400, "ids must be given once")


class TestGetMe:
    """GET /app/me."""

    def test_account_manager(self, owner: TestClient) -> None:
        """The caller comes with the organisation, whose admin this one is, and without an address."""
        me = owner.get("/app/me").json()

        assert isinstance(me.pop("jobTitle"), str)
        assert me == {
            "_id": BOSS,
            "firstname": "Beatriz",
            "lastname": "Arroyo",
            "profile": f"https://cubicl.test/profiles/{BOSS}.png",
            "language": "en",
            "localization": {"dateFormat": "DD/MM/YYYY", "timeFormat": "HH:mm", "timezone": 0},
            "org": {"name": "Brasa Verde", "countryCode": "GB", "admins": [BOSS], "isAdmin": True},
        }

    def test_anybody_else(self, office: Office) -> None:
        """Somebody else is told the same of the organisation, but is no admin; a job may be unknown."""
        person = office.person()

        me = person.client.get("/app/me").json()

        assert (me["_id"], me["jobTitle"], me["org"]["admins"], me["org"]["isAdmin"]) == (person.id, None, [BOSS], False)
