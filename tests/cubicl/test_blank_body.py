"""No body, or one of nothing but blanks: it is no JSON object."""

import pytest
from starlette.testclient import TestClient

from cubicl.office import COMMENT, TASK, Office, assert_text

WRITES = [
    ("POST", "/tasks"),
    ("PUT", f"/tasks/{TASK}"),
    ("POST", f"/tasks/{TASK}/subtasks"),
    ("PUT", f"/tasks/{TASK}/state"),
    ("POST", f"/tasks/{TASK}/activities"),
    ("PUT", f"/tasks/{TASK}/activities/{COMMENT}"),
]


class TestBlankBody:
    """Every operation that takes a body."""

    @pytest.mark.parametrize(("method", "path"), WRITES)
    @pytest.mark.parametrize("content", [b"", b" ", b"\r\n", b"\t \n"])
    def test_refused(self, owner: TestClient, office: Office, method: str, path: str, content: bytes) -> None:
        """It is refused as any other body that is no JSON object, and nothing happens."""
        before = office.activities(TASK)

        response = owner.request(method, path, content=content)

        assert_text(response, 400, "the body must be a JSON object")
        assert office.activities(TASK) == before
