"""Cotalker's task groups."""

from starlette.testclient import TestClient

FREE_GROUP = "61ae5eb11f130a35a73e2e06"


class TestCreateTaskGroup:
    """POST /api/v2/task-groups."""

    def test_fills_in_what_was_not_sent(self, cotalker: TestClient) -> None:
        """A group alone gives the document of the vendor's sample, keys in its order."""
        response = cotalker.post("/api/v2/task-groups", json={"group": FREE_GROUP})

        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        body = response.json()
        assert list(body)[:11] == [
            "isActive", "readonly", "taskEditorPermissions", "taskFollowerPermissions", "writePermissions",
            "readPermissions", "flowType", "hideClosedAfterDays", "defaultView", "levelConfig", "availableViews",
        ]  # fmt: skip
        assert body["collectionName"] == "task_manager"
        assert body["__v"] == 0

    def test_refuses_a_second_task_group_for_a_group(self, cotalker: TestClient) -> None:
        """One group belongs to one task group at most."""
        cotalker.post("/api/v2/task-groups", json={"group": FREE_GROUP})

        response = cotalker.post("/api/v2/task-groups", json={"group": FREE_GROUP})

        assert response.status_code == 409
        assert response.json() == {"error": '"group" already belongs to a task group'}
