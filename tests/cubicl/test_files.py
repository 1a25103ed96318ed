"""Uploading files, links to them, and thumbnails."""

import asyncio
import json
import re
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from answers import vendors_headers
from cubicl.office import BOSS, FIELD, FILE, NOBODY, NOW_MS, ROOT, Json, Office, assert_code, assert_empty, assert_text
from understudy.core.store import table_of
from understudy.vendors.cubicl.tables import Storage

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
BROKEN = 'multipart/form-data; boundary="xyz"'


def upload(client: TestClient, name: str = "notes.txt", content: bytes = b"Hello", kind: str | None = "text/plain") -> Json:
    """Upload a file."""
    response = client.post("/files/upload", files={"file": (name, content, kind)})
    assert response.status_code == 200, response.text
    file: Json = response.json()
    return file


def link(client: TestClient, file: str) -> str:
    """Return a new link to a file's content."""
    response = client.get(f"/files/{file}/url")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    address: str = response.json()
    return address


def fetch(anonymous: TestClient, file_link: str, **headers: str) -> httpx2.Response:
    """Fetch something as somebody without a token."""
    return anonymous.get(file_link, headers=headers)


def chunks(content: bytes) -> Any:
    """Give a body whose length nobody announces."""
    yield content


class TestUploadFile:
    """POST /files/upload."""

    def test_answer(self, owner: TestClient) -> None:
        """A file has an id and a name, and nothing else unless it is a picture."""
        file = upload(owner)

        assert file == {"_id": file["_id"], "name": "notes.txt"}
        assert re.fullmatch("[0-9a-f]{24}", file["_id"])
        assert file["_id"] != upload(owner)["_id"]

    @pytest.mark.parametrize("content", [b"", b"x", PNG, b"--boundary\r\n\r\n--\r\n", bytes(3_000_000)], ids=range(5))
    def test_content_comes_back(self, owner: TestClient, anonymous: TestClient, content: bytes) -> None:
        """The bytes come back as they were sent, however many."""
        response = fetch(anonymous, link(owner, upload(owner, content=content)["_id"]))

        assert response.status_code == 200
        assert response.content == content
        assert response.headers["content-length"] == str(len(content))

    def test_larger_than_other_bodies(self, serve: Any) -> None:
        """The limit for bodies is not that of files."""
        client = serve(max_body_bytes=10).client("/cubicl/api/v1", Authorization="Bearer cubicl-owner")

        assert upload(client, content=bytes(1000))["name"] == "notes.txt"

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("notes.txt", "notes.txt"),
            ("Übersicht 😀.pdf", "Übersicht 😀.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\x\\plan.xlsx", "plan.xlsx"),
            ("no extension", "no extension"),
            ("semi;colon, 'quote'.txt", "semi;colon, 'quote'.txt"),
        ],
    )
    def test_name(self, owner: TestClient, anonymous: TestClient, sent: str, kept: str) -> None:
        """The name stays, without a path; the download has it."""
        file = upload(owner, name=sent)

        disposition = fetch(anonymous, link(owner, file["_id"])).headers["content-disposition"]
        assert file["name"] == kept
        quoted = quote(kept, safe="")
        assert disposition == "attachment; " + (f'filename="{kept}"' if quoted == kept else f"filename*=utf-8''{quoted}")

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            (b"filename*=utf-8''na%C3%AFve.txt", "naïve.txt"),
            (b"filename=\"=?utf-8?B?bmHDr3ZlLnR4dA==?=\"; filename*=utf-8''na%C3%AFve.txt", "naïve.txt"),
            (b"filename=naive.txt; filename*=UTF-8'fr'na%C3%AFve.txt", "naïve.txt"),
            (b"filename*=iso-8859-1''na%EFve.txt", "naïve.txt"),
            (b"filename=\"a; filename*=utf-8''b\"", "a; filename*=utf-8''b"),
            (b'filename="na\xefve.txt"', "naïve.txt"),
            (b'filename="na\xc3\xafve.txt"', "naïve.txt"),
        ],
    )
    def test_forms_of_a_name(self, owner: TestClient, sent: bytes, kept: str) -> None:
        """The name is found in every form that a client gives it."""
        body = b'--xyz\r\nContent-Disposition: form-data; name="file"; ' + sent + b"\r\n\r\nx\r\n--xyz--\r\n"

        response = owner.post("/files/upload", content=body, headers={"Content-Type": BROKEN})

        assert response.status_code == 200, response.text
        assert response.json()["name"] == kept

    @pytest.mark.parametrize(
        ("name", "sent", "told"),
        [
            ("a.txt", "text/plain", "text/plain"),
            ("a.pdf", "application/pdf", "application/pdf"),
            ("a.png", "application/octet-stream", "image/png"),
            ("a.JPEG", "nonsense", "image/jpeg"),
            ("a.bin", "application/octet-stream", "application/octet-stream"),
            ("a.html", "text/html; charset=x", "text/html"),
            ("a", "a/b/c", "application/octet-stream"),
        ],
    )
    def test_media_type(self, owner: TestClient, anonymous: TestClient, name: str, sent: str, told: str) -> None:
        """The media type is the one that was sent; where there is none, the name says so of pictures."""
        response = fetch(anonymous, link(owner, upload(owner, name=name, kind=sent)["_id"]))

        assert response.headers["content-type"] == told
        assert response.headers["x-content-type-options"] == "nosniff"

    def test_everybody_may(self, office: Office) -> None:
        """Whoever has a token may upload."""
        assert upload(office.person().client)["name"] == "notes.txt"

    def test_usable(self, office: Office, owner: TestClient) -> None:
        """Its id can be put into a new task, a task that changes, and a comment, where it stands in full."""
        one, two = upload(owner), upload(owner)

        task = office.task(FIELD, files=[one["_id"]])
        changed = owner.put(f"/tasks/{task['_id']}", json={"files": [one["_id"], two["_id"]]}).json()["task"]
        comment = office.comment(task["_id"], content="", fileIds=[two["_id"]])

        assert task["files"] == [{"_id": one["_id"]}]
        assert changed["files"] == [{"_id": one["_id"]}, {"_id": two["_id"]}]
        assert comment["files"] == [two]
        assert office.activities(task["_id"])[-1]["files"] == [two]

    def test_other_parts(self, owner: TestClient, anonymous: TestClient) -> None:
        """Other parts are ignored, wherever they are, and of two files the first counts."""
        files = [("other", ("x.txt", b"other")), ("file", ("a.txt", b"first")), ("file", ("b.txt", b"second"))]

        file = owner.post("/files/upload", files=files, data={"group": ROOT}).json()

        assert file["name"] == "a.txt"
        assert fetch(anonymous, link(owner, file["_id"])).content == b"first"

    def test_without_a_token(self, anonymous: TestClient) -> None:
        """Without a token it is a 401, whatever the body."""
        assert_empty(anonymous.post("/files/upload", files={"file": ("a", b"x")}), 401)
        assert_empty(anonymous.post("/files/upload", content=chunks(b"x")), 401)


class TestBadUpload:
    """What POST /files/upload refuses with a 400."""

    def test_no_length(self, owner: TestClient) -> None:
        """A body whose length is not announced is refused."""
        headers = {"Content-Type": BROKEN}

        assert_text(owner.post("/files/upload", content=chunks(b"--xyz--"), headers=headers), 400, "Content-Length is required")

    @pytest.mark.parametrize("files", [{"other": ("a.txt", b"x")}, {"File": ("a.txt", b"x")}])
    def test_no_file(self, owner: TestClient, files: Any) -> None:
        """A form without the part is refused."""
        assert_text(owner.post("/files/upload", files=files), 400, "file is required")

    def test_text_instead_of_a_file(self, owner: TestClient) -> None:
        """A part without a file name is no file."""
        body = b'--xyz\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--xyz--\r\n'

        assert_text(owner.post("/files/upload", content=body, headers={"Content-Type": BROKEN}), 400, "file is required")

    @pytest.mark.parametrize("name", [b"", b"dir/", b"dir\\\\"])
    def test_no_name(self, owner: TestClient, name: bytes) -> None:
        """A file needs a name."""
        body = b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n\r\nx\r\n--xyz--\r\n'

        assert_text(owner.post("/files/upload", content=body, headers={"Content-Type": BROKEN}), 400, "file must have a name")

    @pytest.mark.parametrize(
        ("kind", "content"),
        [
            ("application/json", b"{}"),
            ("multipart/form-data", b"--xyz--"),
            ("", b"x"),
            (BROKEN, b"x"),
            (f"multipart/form-data; boundary={'b' * 500}", b"x"),
            (BROKEN, b""),
            (BROKEN, b"--xyz\r\n"),
            (BROKEN, b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf'),
        ],
    )
    def test_broken(self, office: Office, owner: TestClient, kind: str, content: bytes) -> None:
        """A body that is no form, or not a whole one, is refused with a text, and takes no room."""
        office.do("set-storage", totalCapacity=10_000, totalSize=0)

        response = owner.post(
            "/files/upload", content=content, headers={"Content-Type": kind, "Content-Length": str(len(content))}
        )

        assert response.status_code == 400
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert response.text
        upload(owner, content=bytes(10_000))

    def test_too_large(self, serve: Any) -> None:
        """A file may not be larger than the setting says, whether its length is announced or found out."""
        client = serve(max_upload_bytes=1000).client("/cubicl/api/v1", Authorization="Bearer cubicl-owner")

        assert upload(client, content=bytes(1000))["name"] == "notes.txt"
        for size in (1001, 100_000):
            response = client.post("/files/upload", files={"file": ("a", bytes(size))})
            assert response.status_code == 400
            assert "1000 bytes" in response.text


class TestStorage:
    """The room that files take."""

    def full(self, response: httpx2.Response, capacity: int, size: int) -> None:
        """Check the refusal."""
        assert response.status_code == 403
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert response.json() == {"code": 204, "totalCapacity": capacity, "totalSize": size}

    def test_full(self, office: Office, owner: TestClient) -> None:
        """A file that does not fit is code 204 with how large and how full the storage is."""
        office.do("set-storage", totalCapacity=10_000, totalSize=9_000)

        response = owner.post("/files/upload", files={"file": ("a", bytes(2000))})

        self.full(response, 10_000, 9_000)

    def test_by_length(self, office: Office, owner: TestClient) -> None:
        """A length that leaves no doubt is judged before anything of the body is looked at."""
        office.do("set-storage", totalCapacity=100, totalSize=0)

        response = owner.post("/files/upload", content=b"x" * 100_000, headers={"Content-Type": "nonsense"})

        self.full(response, 100, 0)
        assert owner.post("/files/upload", content=b"x" * 100, headers={"Content-Type": "nonsense"}).status_code == 400

    @pytest.mark.parametrize("size", [0, 1, 1000, 100_000])
    def test_just_fits(self, office: Office, owner: TestClient, size: int) -> None:
        """A file that takes all the room that is left is kept, though the body it comes in is longer; a byte more is too much."""
        office.do("set-storage", totalCapacity=size + 50, totalSize=50)
        self.full(owner.post("/files/upload", files={"file": ("a", bytes(size + 1))}), size + 50, 50)

        upload(owner, content=bytes(size))

        self.full(owner.post("/files/upload", files={"file": ("a", b"x")}), size + 50, size + 50)

    def test_by_size(self, office: Office, server: Any) -> None:
        """And judged again by its size when it is all there, for others may have taken the room meanwhile."""
        office.do("set-storage", totalCapacity=10_000, totalSize=0)
        disposition = b'Content-Disposition: form-data; name="file"; filename="a"'
        body = b"--xyz\r\n" + disposition + b"\r\n\r\n" + bytes(5000) + b"\r\n--xyz--\r\n"
        headers = {"host": "testserver", "authorization": "Bearer cubicl-owner", "content-type": BROKEN}
        sent: list[Any] = []

        async def receive() -> Any:
            with server.app.sandboxes["default"].session() as session:
                session.run(update(table_of(Storage)).values(total_size=5001))
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            sent.append(message)

        path = "/cubicl/api/v1/files/upload"
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "scheme": "http"}
        scope |= {"headers": [*raw, (b"content-length", str(len(body)).encode())]}
        asyncio.run(server.app(scope, receive, send))

        assert sent[0]["status"] == 403
        assert json.loads(sent[1]["body"]) == {"code": 204, "totalCapacity": 10_000, "totalSize": 5001}

    def test_every_upload_takes_its_size(self, office: Office, owner: TestClient) -> None:
        """What an upload takes is the size of its file."""
        office.do("set-storage", totalCapacity=10_000, totalSize=0)
        for _ in range(3):
            upload(owner, content=bytes(3000))

        self.full(owner.post("/files/upload", files={"file": ("a", bytes(1001))}), 10_000, 9_000)
        upload(owner, content=bytes(1000))

    def test_nothing_is_left_of_a_refusal(self, office: Office, owner: TestClient) -> None:
        """Room for a refused file stays free."""
        office.do("set-storage", totalCapacity=2000, totalSize=0)
        for _ in range(3):
            assert owner.post("/files/upload", files={"other": ("a", bytes(1000))}).status_code == 400
            self.full(owner.post("/files/upload", files={"file": ("a", bytes(3000))}), 2000, 0)

        upload(owner, content=bytes(1000))

    def test_setting(self, serve: Any) -> None:
        """The size of the storage is a setting, until an action sets another; a reset takes that back."""
        server = serve(cubicl_storage_bytes=5000)
        client = server.client("/cubicl/api/v1", Authorization="Bearer cubicl-owner")
        refused = client.post("/files/upload", files={"file": ("a", bytes(5000))})
        assert (refused.status_code, refused.json()["totalCapacity"]) == (403, 5000)
        server.admin.post("/actions/cubicl/set-storage", json={"totalCapacity": 100_000, "totalSize": 0})
        upload(client, content=bytes(5000))
        server.reset()

        again = client.post("/files/upload", files={"file": ("a", bytes(5000))})

        assert again.json() == refused.json()

    def test_default(self, owner: TestClient, office: Office) -> None:
        """By default there is room for ten gigabytes."""
        response = owner.post("/files/upload", content=b"", headers={"Content-Length": "4000000000", "Content-Type": BROKEN})
        assert response.status_code == 400
        response = owner.post("/files/upload", content=b"", headers={"Content-Length": "5000000000", "Content-Type": BROKEN})
        assert_text(response, 400, "file must not have more than 4096000000 bytes")


class TestGetFileUrl:
    """GET /files/:id/url and the link itself."""

    def test_address(self, server: Any, owner: TestClient) -> None:
        """The link is under the address that the client came by."""
        assert re.fullmatch("http://testserver/cubicl/downloads/[0-9a-f]{40}", link(owner, FILE))
        for host, path in (("cubicl.io", ""), ("cubicl.localhost:8080", ""), ("example.com:81", "/cubicl")):
            headers = {"Authorization": "Bearer cubicl-owner", "Host": host}
            plain = TestClient(server.app, base_url="http://testserver")
            address = plain.get(f"{path}/api/v1/files/{FILE}/url", headers=headers).json()
            assert address.startswith(f"http://{host}{path}/downloads/")
            assert plain.get(address.removeprefix(f"http://{host}"), headers={"Host": host}).status_code == 200

    def test_planted_file(self, owner: TestClient, anonymous: TestClient, stopped) -> None:
        """A file of the world can be fetched too."""
        response = fetch(anonymous, link(owner, FILE))

        assert response.status_code == 200
        assert response.content.startswith(b"%PDF-")
        assert response.headers["content-type"] == "application/pdf"
        assert response.headers["content-disposition"] == 'attachment; filename="draft.pdf"'

    def test_every_planted_file(self, office: Office, owner: TestClient, anonymous: TestClient) -> None:
        """And so can any that a task has."""
        files = {file["_id"] for task in office.every_task() for file in task["files"]}

        assert len(files) == 7
        assert all(fetch(anonymous, link(owner, file)).content for file in files)

    def test_five_minutes(self, owner: TestClient, anonymous: TestClient, clock, stopped) -> None:
        """A link is worth something for five minutes, then it is a 403; a new one is worth something again."""
        file = upload(owner)["_id"]
        for one in (file, FILE):
            address = link(owner, one)
            clock.advance("PT4M59S")
            assert fetch(anonymous, address).status_code == 200
            assert fetch(anonymous, address).status_code == 200
            clock.advance("PT1S")
            assert_empty(fetch(anonymous, address), 403)
            renewed = link(owner, one)
            assert renewed != address
            assert fetch(anonymous, renewed).status_code == 200
            assert_empty(fetch(anonymous, address), 403)

    @pytest.mark.parametrize("forged", ["0" * 40, "x", NOBODY, FILE, "%00", "a%2Fb"])
    def test_forged(self, anonymous: TestClient, forged: str) -> None:
        """A link that was never given out is a 403."""
        assert_empty(anonymous.get(f"http://testserver/cubicl/downloads/{forged}"), 403)

    def test_changed(self, owner: TestClient, anonymous: TestClient) -> None:
        """So is one that was changed."""
        address = link(owner, FILE)

        assert_empty(fetch(anonymous, address[:-1] + ("0" if address[-1] != "0" else "1")), 403)
        assert_empty(fetch(anonymous, address.rpartition("/")[0] + "/" + address.rpartition("/")[2].upper()), 403)

    def test_reset(self, server: Any, owner: TestClient, anonymous: TestClient) -> None:
        """No link outlives a reset."""
        addresses = [link(owner, FILE), link(owner, upload(owner)["_id"])]
        server.reset()

        for address in addresses:
            assert_empty(fetch(anonymous, address), 403)

    def test_token_does_not_matter(self, owner: TestClient, anonymous: TestClient) -> None:
        """A link works with a good token, with a bad one, and after the token is gone with which it was made."""
        address = link(owner, FILE)

        for token in ("Bearer cubicl-member", "Bearer unknown", "nonsense"):
            assert fetch(anonymous, address, Authorization=token).status_code == 200

    def test_outlives_its_token(self, office: Office, anonymous: TestClient) -> None:
        """The token with which a link was made may be gone."""
        person = office.person()
        address = link(person.client, FILE)
        office.do("remove-user", user=person.id)

        assert fetch(anonymous, address).status_code == 200

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
    def test_only_get_is_open(self, owner: TestClient, anonymous: TestClient, method: str) -> None:
        """Anything but fetching needs a token, and is a 405 then."""
        address = link(owner, FILE)

        assert_empty(anonymous.request(method, address), 401)
        assert_empty(owner.request(method, address), 405)

    @pytest.mark.parametrize(
        "path", ["/downloads", "/downloads/", "/downloads/a/b", "/api/v1/downloads/x", "/thumbnails", "/x/downloads/y"]
    )
    def test_nothing_else_is_open(self, anonymous: TestClient, path: str) -> None:
        """Paths that look like links need a token as any other."""
        assert_empty(anonymous.get(f"http://testserver/cubicl{path}"), 401)

    def test_head(self, owner: TestClient, anonymous: TestClient, stopped) -> None:
        """HEAD tells the same headers."""
        for file in (FILE, upload(owner)["_id"]):
            address = link(owner, file)
            head, get = anonymous.head(address), anonymous.get(address)
            assert (head.status_code, vendors_headers(head)) == (200, vendors_headers(get))
            assert "last-modified" in get.headers

    def test_stamp(self, owner: TestClient, anonymous: TestClient, stopped) -> None:
        """The stamp on a file is the sandbox's."""
        response = fetch(anonymous, link(owner, upload(owner)["_id"]))

        assert response.headers["last-modified"] == "Tue, 01 Dec 2026 10:00:00 GMT"
        assert NOW_MS == 1_796_119_200_000

    def test_every_request_makes_a_link(self, owner: TestClient, anonymous: TestClient) -> None:
        """An older link stays good beside a newer one, also of another user."""
        addresses = [link(owner, FILE) for _ in range(3)]

        assert len(set(addresses)) == 3
        assert all(fetch(anonymous, address).status_code == 200 for address in addresses)


class TestRanges:
    """Parts of a file: of an uploaded one by a link and by a thumbnail's address, and of one of the world."""

    @pytest.fixture(params=["link", "thumbnail", "planted"])
    def address(self, request: pytest.FixtureRequest, owner: TestClient) -> str:
        """Where a file is."""
        if request.param == "planted":
            return link(owner, FILE)
        file = upload(owner, "a.png", PNG, "image/png")
        return link(owner, file["_id"]) if request.param == "link" else file["thumbnail"]

    @pytest.fixture
    def content(self, anonymous: TestClient, address: str) -> bytes:
        """What is in it."""
        return fetch(anonymous, address).content

    @pytest.mark.parametrize(
        ("wanted", "first", "stop"),
        [
            ("bytes=2-5", 2, 6),
            ("bytes=0-0", 0, 1),
            ("bytes=7-", 7, None),
            ("bytes=-3", -3, None),
            ("bytes=-99999", 0, None),
            ("bytes=1-99999", 1, None),
            (f"bytes=1-{'9' * 5000}", 1, None),
            ("BYTES = 2-5 ,", 2, 6),
            ("bytes=2-5,99999-", 2, 6),
        ],
    )
    def test_part(self, anonymous: TestClient, address: str, content: bytes, wanted: str, first: int, stop: int | None) -> None:
        """A part is a 206 that says which it is."""
        part = range(len(content))[first:stop]

        response = fetch(anonymous, address, Range=wanted)

        assert (response.status_code, response.content) == (206, content[first:stop])
        assert response.headers["content-range"] == f"bytes {part[0]}-{part[-1]}/{len(content)}"
        assert response.headers["content-length"] == str(len(part))
        assert response.headers["accept-ranges"] == "bytes"

    @pytest.mark.parametrize("wanted", ["bytes=9999-", "bytes=9999-10000,8888-", "bytes=-0", f"bytes={'9' * 5000}-"])
    def test_beyond_the_end(self, anonymous: TestClient, address: str, content: bytes, wanted: str) -> None:
        """A part beyond the end is a 416, which tells how long the file is."""
        response = fetch(anonymous, address, Range=wanted)

        assert_empty(response, 416)
        assert response.headers["content-range"] == f"bytes */{len(content)}"

    def test_empty_file(self, owner: TestClient, anonymous: TestClient) -> None:
        """An empty file has no parts."""
        address = link(owner, upload(owner, content=b"")["_id"])

        for wanted in ("bytes=0-", "bytes=-1"):
            assert_empty(fetch(anonymous, address, Range=wanted), 416)

    @pytest.mark.parametrize(
        "wanted",
        [
            "nonsense",
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-2",
            "bytes=a-b",
            "bytes=0-1,x",
            "bytes=--1",
            "bytes=1_0-20",
            "bytes=0-1;",
            "items=0-1",
            "bytes=0-1,3-4",
        ],
    )
    def test_no_range(self, anonymous: TestClient, address: str, content: bytes, wanted: str) -> None:
        """What is no range of bytes is ignored, and so are several ranges."""
        response = fetch(anonymous, address, Range=wanted)

        assert (response.status_code, response.content) == (200, content)

    def test_head(self, anonymous: TestClient, address: str) -> None:
        """A range counts for GET alone."""
        assert anonymous.head(address, headers={"Range": "bytes=0-1"}).status_code == 200

    def test_if_range(self, anonymous: TestClient, address: str) -> None:
        """A part is only given of the file that the client has the beginning of, if it says which that is."""
        headers = fetch(anonymous, address).headers

        for known, status in ((headers["etag"], 206), (headers["last-modified"], 206), ('"other"', 200)):
            assert fetch(anonymous, address, **{"Range": "bytes=0-1", "If-Range": known}).status_code == status
        assert fetch(anonymous, address, **{"Range": "bytes=9999-", "If-Range": '"other"'}).status_code == 200


class TestGetThumbnail:
    """The thumbnail of a picture."""

    @pytest.mark.parametrize(
        ("name", "kind", "is_supported"),
        [
            ("a.png", "image/png", True),
            ("a.jpg", "image/jpeg", True),
            ("a.jpeg", "application/octet-stream", True),
            ("a.gif", "image/gif", True),
            ("a.webp", "image/webp", True),
            ("a.bmp", "image/bmp", True),
            ("a", "image/png", True),
            ("a.svg", "image/svg+xml", False),
            ("a.tiff", "image/tiff", False),
            ("a.png", "text/plain", False),
            ("a.txt", "text/plain", False),
        ],
    )
    def test_kinds(self, owner: TestClient, anonymous: TestClient, name: str, kind: str, is_supported: bool) -> None:
        """Supported pictures have one, which shows the picture to whoever has its address; nothing else has one."""
        file = upload(owner, name, PNG, kind)

        assert ("thumbnail" in file) == is_supported
        if is_supported:
            response = fetch(anonymous, file["thumbnail"])
            assert (response.status_code, response.content) == (200, PNG)
            assert response.headers["content-type"].startswith("image/")
            assert response.headers["content-disposition"].startswith("inline")

    def test_address(self, server: Any, owner: TestClient, office: Office) -> None:
        """Its address is under the one that the client came by, wherever the file is shown and whoever uploaded it."""
        file = upload(owner, "a.png", PNG, "image/png")
        task = office.task(FIELD)["_id"]
        comment = office.comment(task, fileIds=[file["_id"]])
        node = owner.post("/file-system-nodes/files", json={"group": FIELD, "files": [file["_id"]]}).json()[0]
        other = TestClient(server.app, base_url="http://cubicl.io/api/v1", headers={"Authorization": "Bearer cubicl-owner"})
        seen = other.get(f"/tasks/{task}/activities").json()[0]["files"][0]
        listed = other.get(f"/file-system-nodes?group={FIELD}").json()[0]["file"]

        assert re.fullmatch("http://testserver/cubicl/thumbnails/[0-9a-f]{40}", file["thumbnail"])
        assert comment["files"] == office.activities(task)[0]["files"] == [file]
        assert node["file"] == file
        assert seen == listed == file | {"thumbnail": file["thumbnail"].replace("testserver/cubicl", "cubicl.io")}

    def test_in_a_payload(self, office: Office, owner: TestClient) -> None:
        """Webhooks are told of it as the client is who commented."""
        office.subscribe("task-post-created", FIELD)
        file = upload(owner, "a.png", PNG, "image/png")
        comment = office.comment(office.task(FIELD)["_id"], fileIds=[file["_id"]])

        ((_, _, payload),) = office.told()
        assert payload["activity"] == comment
        assert payload["activity"]["files"] == [file]

    def test_planted_picture(self, owner: TestClient, anonymous: TestClient) -> None:
        """The picture of the world has one that can be fetched."""
        nodes = owner.get("/file-system-nodes", params={"group": ROOT}).json()
        (picture,) = (node["file"] for node in nodes if node["file"])

        response = fetch(anonymous, picture["thumbnail"])

        assert picture["name"] == "shopfront.jpg"
        assert (response.status_code, response.headers["content-type"]) == (200, "image/jpeg")
        assert response.content.startswith(b"\xff\xd8\xff")

    def test_does_not_expire(self, owner: TestClient, anonymous: TestClient, clock) -> None:
        """It stays good, but not beyond a reset."""
        file = upload(owner, "a.png", PNG, "image/png")
        clock.advance("P30D")

        assert fetch(anonymous, file["thumbnail"]).status_code == 200

    @pytest.mark.parametrize("forged", ["0" * 40, "x", FILE])
    def test_unknown(self, anonymous: TestClient, forged: str) -> None:
        """An unknown one is a 404; the id of a file is not enough."""
        assert_empty(anonymous.get(f"http://testserver/cubicl/thumbnails/{forged}"), 404)

    def test_gone_after_a_reset(self, server: Any, owner: TestClient, anonymous: TestClient) -> None:
        """An uploaded file's is gone after a reset."""
        file = upload(owner, "a.png", PNG, "image/png")
        server.reset()

        assert_empty(fetch(anonymous, file["thumbnail"]), 404)


class TestFilesOfOthers:
    """Who may have a link."""

    def test_anybody(self, office: Office, viewer: TestClient, anonymous: TestClient) -> None:
        """Whoever knows the id of a file may."""
        file = upload(office.person().client, content=b"secret")["_id"]

        assert fetch(anonymous, link(viewer, file)).content == b"secret"
        assert_empty(viewer.get(f"/files/{NOBODY}/url"), 404)
        assert_empty(anonymous.get(f"/files/{file}/url"), 401)
        assert_code(viewer.post("/tasks", json={"group": FIELD, "name": "x", "files": [file], "assignees": [BOSS]}), 403, 4)
