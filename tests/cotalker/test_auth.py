"""Who may ask Cotalker what: credentials, `Admin`, `Company` and permissions."""

import pytest
from starlette.testclient import TestClient

ADMIN = "61b9b7a9d258d731520fc846"
AGENT = "61b9b7b1d258d731520fc84a"
READER = "61b9b7c0d258d731520fc853"
FORMER = "61b9b7c6d258d731520fc858"
COMPANY = "613eafd572343ecb53cc8ccc"
NEIGHBOUR = "613eafd572343ecb53cc8cd1"
NEIGHBOUR_ADMIN = "61b9b7ced258d731520fc85d"
GROUP = "61a8b233685ed3562e7cfdeb"
NEIGHBOUR_TASK_GROUP = "62bf5e2b654e96017e00e492"
UNKNOWN = "61b9b7a9d258d731520fc899"

LIST = ("GET", "/api/v2/task-groups")
CREATE = ("POST", "/api/v2/task-groups")
ONE = ("GET", f"/api/v2/task-groups/{GROUP}")
TASKS = ("GET", f"/api/v2/task-groups/{GROUP}/tasks")
ALIAS = ("GET", f"/api/v2/tasks/{GROUP}/task")
RELATIONS = ("GET", f"/api/v2/task-groups/{GROUP}/tasks/relations")
EVERYTHING = [LIST, CREATE, ONE, TASKS, ALIAS, RELATIONS]
ADMIN_REQUIRED = [CREATE, ONE, RELATIONS]
ADMIN_OPTIONAL = [TASKS, ALIAS]

READ_PERMISSIONS = ["admin-*-read", "admin-*-write", "web-admin-read", "web-admin-write", "admin-tasks-read"]
WRITE_PERMISSIONS = ["admin-*-write", "web-admin-write", "admin-tasks-write"]
NOT_ENOUGH = ["admin-access", "admin-groups-read", "admin-groups-write", "admin-users-write", "admin-task-read", "app-tasks", "*"]


def ask(client: TestClient, operation: tuple[str, str], **headers: str):
    """Send a request that is good in itself."""
    method, path = operation
    body = {"group": "61ae5eb11f130a35a73e2e06"} if method == "POST" else None
    return client.request(method, path, json=body, headers=headers)


class TestAuthorization:
    """The header `Authorization`."""

    @pytest.mark.parametrize(
        "value",
        [
            None,
            "",
            "Bearer",
            "Bearer ",
            "cotalker-admin",
            "Basic cotalker-admin",
            "Token cotalker-admin",
            "Bearercotalker-admin",
            "Bearer nobody",
            "Bearer Cotalker-Admin",
            "Bearer cotalker-admin x",
            "Bearer: cotalker-admin",
        ],
    )
    def test_needs_a_good_token(self, anonymous: TestClient, assert_refused, value: str | None) -> None:
        """Without `Bearer` and a token nothing is answered but 401."""
        headers = {"Admin": "true"} if value is None else {"Admin": "true", "Authorization": value}

        for operation in EVERYTHING:
            assert_refused(ask(anonymous, operation, **headers), 401, "Unauthorized")

    @pytest.mark.parametrize("value", ["Bearer cotalker-admin", "bearer cotalker-admin", "BEARER   cotalker-admin"])
    @pytest.mark.parametrize("operation", EVERYTHING)
    def test_scheme_in_any_case(self, anonymous: TestClient, operation: tuple[str, str], value: str) -> None:
        """The word `Bearer` may be written in any case."""
        assert ask(anonymous, operation, Admin="true", Authorization=value).status_code == 200

    def test_first_of_several_counts(self, anonymous: TestClient, assert_refused) -> None:
        """Of a repeated header the first is taken, as Node's HTTP server does it."""
        good, bad = ("Authorization", "Bearer cotalker-admin"), ("Authorization", "Bearer nobody")

        assert anonymous.get(LIST[1], headers=[good, bad]).status_code == 200
        assert_refused(anonymous.get(LIST[1], headers=[bad, good]), 401, "Unauthorized")

    def test_comes_before_everything_else(self, anonymous: TestClient, assert_refused) -> None:
        """Whoever is nobody learns nothing about header, id, query and body."""
        for method, path in [("GET", "/api/v2/task-groups?limit=x"), ("GET", "/api/v2/task-groups/x"), CREATE]:
            response = anonymous.request(method, path, content="{" if method == "POST" else None)
            assert_refused(response, 401, "Unauthorized")

    def test_api_token_has_no_end(self, cotalker: TestClient, clock) -> None:
        """An API token outlives every JWT."""
        clock.advance("P400D")

        assert ask(cotalker, LIST).status_code == 200

    def test_api_token_of_a_deactivated_user(self, become, assert_refused) -> None:
        """A token dies with its user."""
        assert_refused(ask(become(FORMER), LIST), 401, "Unauthorized")

    def test_revoked_api_token(self, agent: TestClient, act, assert_refused) -> None:
        """A token is good until it is revoked."""
        assert ask(agent, LIST).status_code == 200

        act("cotalker", "revoke-token", token="cotalker-agent")

        assert_refused(ask(agent, LIST), 401, "Unauthorized")


class TestAdmin:
    """The header `Admin`, and the permission that it needs."""

    @pytest.mark.parametrize("value", [None, "", "false", "True", "TRUE", "1", "yes", "true, true"])
    def test_required(self, server, assert_refused, value: str | None) -> None:
        """Where it is required anything but `true` is a 403, an administrator's permissions or not."""
        for operation in ADMIN_REQUIRED:
            client = server.client("/cotalker", Authorization="Bearer cotalker-admin")
            headers = {} if value is None else {"Admin": value}

            assert_refused(ask(client, operation, **headers), 403, "Forbidden")

    @pytest.mark.parametrize("operation", [LIST, *ADMIN_OPTIONAL])
    @pytest.mark.parametrize("value", ["", "false", "True", "1"])
    def test_any_other_value_is_no_header(self, agent: TestClient, operation: tuple[str, str], value: str) -> None:
        """Where it is optional, what is not `true` asks for nothing."""
        assert ask(agent, operation, Admin=value).json() == ask(agent, operation).json()

    @pytest.mark.parametrize("values", [("true", "false"), ("false", "true"), ("true", "true")])
    def test_repeated(self, server, assert_refused, values: tuple[str, str]) -> None:
        """Sent twice it is joined with a comma, and that is not `true`."""
        headers = [("Authorization", "Bearer cotalker-admin"), *[("Admin", value) for value in values]]

        for method, path in ADMIN_REQUIRED:
            assert_refused(server.client("/cotalker").request(method, path, headers=headers), 403, "Forbidden")

    @pytest.mark.parametrize("value", [" true", "true ", "\ttrue \t"])
    def test_spaces_around_the_value(self, server, value: str) -> None:
        """They belong to no header's value."""
        client = server.client("/cotalker", Authorization="Bearer cotalker-admin")

        assert ask(client, ONE, Admin=value).status_code == 200

    def test_name_in_any_case(self, server) -> None:
        """The SDKs write the name of the header in lower case."""
        client = server.client("/cotalker", Authorization="Bearer cotalker-admin")

        assert ask(client, ONE, admin="true").status_code == 200

    def test_is_ignored_on_the_list_of_task_groups(self, agent: TestClient) -> None:
        """SDKs send it with every request; where it means nothing it needs no permission."""
        assert ask(agent, LIST, Admin="true").json() == ask(agent, LIST).json()

    @pytest.mark.parametrize("operation", EVERYTHING)
    def test_in_the_query_means_nothing(self, agent: TestClient, operation: tuple[str, str]) -> None:
        """`?admin=true` is neither refused nor obeyed."""
        method, path = operation

        assert ask(agent, (method, f"{path}?admin=true")).status_code == ask(agent, operation).status_code
        assert ask(agent, (method, f"{path}?admin=true")).json() == ask(agent, operation).json()

    @pytest.mark.parametrize("permission", READ_PERMISSIONS)
    def test_one_permission_to_read_is_enough(self, become, permission: str) -> None:
        """Reading takes one of five permissions; the general ones to write include it."""
        client = become(AGENT, "app-access", permission, Admin="true")

        for operation in (ONE, RELATIONS, *ADMIN_OPTIONAL):
            assert ask(client, operation).status_code == 200

    @pytest.mark.parametrize("permission", [*NOT_ENOUGH, "admin-tasks-write"])
    def test_other_permissions_do_not_read(self, become, assert_refused, permission: str) -> None:
        """Any other permission is a 403, optional header or not."""
        client = become(AGENT, permission, Admin="true")

        for operation in (ONE, RELATIONS, *ADMIN_OPTIONAL):
            assert_refused(ask(client, operation), 403, "Forbidden")

    @pytest.mark.parametrize("permission", WRITE_PERMISSIONS)
    def test_one_permission_to_write_is_enough(self, become, permission: str) -> None:
        """Creating takes one of three permissions."""
        assert ask(become(AGENT, permission, Admin="true"), CREATE).status_code == 200

    @pytest.mark.parametrize("permission", [*NOT_ENOUGH, "admin-*-read", "web-admin-read", "admin-tasks-read"])
    def test_other_permissions_do_not_write(self, become, assert_refused, permission: str) -> None:
        """To read is not to write."""
        assert_refused(ask(become(AGENT, permission, Admin="true"), CREATE), 403, "Forbidden")

    def test_read_only_user(self, become, assert_refused) -> None:
        """A read-only user reads with every permission there is, and writes with none."""
        reader = become(READER, "admin-*-write", "admin-tasks-write", Admin="true")

        assert ask(reader, ONE).status_code == 200
        assert_refused(ask(reader, CREATE), 403, "Forbidden")

    def test_comes_before_the_request_is_read(self, agent: TestClient, assert_refused) -> None:
        """Who may not ask learns nothing about id, query and body."""
        for path in ("/api/v2/task-groups/x", f"/api/v2/task-groups/{GROUP}/tasks/relations?limit=x"):
            assert_refused(agent.get(path), 403, "Forbidden")
        assert_refused(agent.get(f"{TASKS[1]}?limit=x", headers={"Admin": "true"}), 403, "Forbidden")
        assert_refused(agent.post(CREATE[1], content="{", headers={"Admin": "true"}), 403, "Forbidden")


class TestCompany:
    """The header `Company`, and what another company has."""

    @pytest.mark.parametrize("value", [COMPANY, COMPANY.upper(), f"{COMPANY} "])
    def test_own(self, cotalker: TestClient, value: str) -> None:
        """The company of the token may be named."""
        for operation in EVERYTHING:
            assert ask(cotalker, operation, Company=value).status_code == 200

    @pytest.mark.parametrize("value", [NEIGHBOUR, UNKNOWN, "x", ""])
    def test_foreign(self, cotalker: TestClient, assert_refused, value: str) -> None:
        """Any other company is a 403."""
        for operation in EVERYTHING:
            assert_refused(ask(cotalker, operation, Company=value), 403, "Forbidden")

    def test_others_have_nothing_of_ours(self, cotalker: TestClient, become, rows, assert_refused) -> None:
        """Each company lists its own task groups; one of another company is not found."""
        neighbour = become(NEIGHBOUR_ADMIN, Admin="true")

        ours, theirs = rows(cotalker, LIST[1]), rows(neighbour, LIST[1])

        assert {group["company"] for group in ours} == {COMPANY}
        assert [group["_id"] for group in theirs] == [NEIGHBOUR_TASK_GROUP]
        for _, path in (ONE, TASKS, ALIAS, RELATIONS):
            assert cotalker.get(path).status_code == 200
            assert_refused(neighbour.get(path), 404, "Not Found")
            assert_refused(cotalker.get(path.replace(GROUP, NEIGHBOUR_TASK_GROUP)), 404, "Not Found")
            assert neighbour.get(path.replace(GROUP, NEIGHBOUR_TASK_GROUP)).status_code == 200

    def test_ids_of_others_match_nothing(self, cotalker: TestClient, rows) -> None:
        """Asking for the ids of another company by name finds nothing either."""
        assert rows(cotalker, LIST[1], ids=NEIGHBOUR_TASK_GROUP) == []
        assert rows(cotalker, LIST[1], groupIds="61ae5f461f130a35a73e2e35") == []


class TestWithoutPermissionChecks:
    """UNDERSTUDY_COTALKER_PERMISSION_CHECKS=false."""

    @pytest.fixture
    def open_server(self, serve):
        """A server that checks no permissions."""
        return serve(cotalker_permission_checks=False)

    @pytest.mark.parametrize("operation", EVERYTHING)
    def test_permissions_do_not_matter(self, open_server, operation: tuple[str, str]) -> None:
        """With the header an ordinary user gets everything."""
        agent = open_server.client("/cotalker", Authorization="Bearer cotalker-agent", Admin="true")

        assert ask(agent, operation).status_code == 200

    def test_read_only_users_write(self, open_server) -> None:
        """Being a read-only user doesn't matter either."""
        made = open_server.admin.post("/actions/cotalker/create-token", json={"user": READER}).json()
        reader = open_server.client("/cotalker", Authorization=f"Bearer {made['token']}", Admin="true")

        assert ask(reader, CREATE).status_code == 200

    @pytest.mark.parametrize("operation", ADMIN_REQUIRED)
    def test_the_header_stays_required(self, open_server, assert_refused, operation: tuple[str, str]) -> None:
        """Required is required."""
        admin = open_server.client("/cotalker", Authorization="Bearer cotalker-admin")

        assert_refused(ask(admin, operation), 403, "Forbidden")

    @pytest.mark.parametrize("operation", EVERYTHING)
    def test_credentials_and_company_stay_checked(self, open_server, assert_refused, operation: tuple[str, str]) -> None:
        """It is about permissions, not about who somebody is."""
        admin = open_server.client("/cotalker", Authorization="Bearer cotalker-admin", Admin="true")

        assert_refused(ask(admin, operation, Company=NEIGHBOUR), 403, "Forbidden")
        assert_refused(ask(open_server.client("/cotalker"), operation, Admin="true"), 401, "Unauthorized")

    @pytest.mark.parametrize("group", [GROUP, "62bf5e03654e96017e00e46a", "62bf5e17654e96017e00e47e"])
    def test_everybody_sees_every_task(self, open_server, rows, group: str) -> None:
        """Who is on a task makes no difference."""
        path = f"/api/v2/task-groups/{group}/tasks"
        admin = open_server.client("/cotalker", Authorization="Bearer cotalker-admin", Admin="true")
        agent = open_server.client("/cotalker", Authorization="Bearer cotalker-agent")

        assert rows(agent, path) == rows(admin, path) != []
