"""Snapshots of the selected sandbox: saved, loaded, listed, and moved as files."""

import asyncio
from collections.abc import Iterator
from typing import IO, Any, Final

from fastapi import APIRouter, HTTPException, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from understudy.control.schemas import SnapshotName
from understudy.control.selected import AllSandboxes, AllSettings, SelectedSandbox, Vendors
from understudy.core.bodies import DRAIN_BYTES
from understudy.core.snapshot_file import BadSnapshot
from understudy.core.snapshots import BadName, Kept, UnknownSnapshot, check, load, save

router = APIRouter(prefix="/__admin/state", tags=["State"])

BLOCK: Final = 256 * 1024


@router.post("/save")
async def save_state(wish: SnapshotName, sandbox: SelectedSandbox, sandboxes: AllSandboxes, vendors: Vendors) -> dict[str, Any]:
    """Keep the selected sandbox as it is now under a name, in the place of what had it."""
    try:
        kept = await save(sandbox, sandboxes.snapshots(sandbox.name), wish.name, vendors=list(vendors.values()))
    except BadName as error:
        raise HTTPException(422, f"name: {error}") from error
    except OSError as error:
        raise _not_kept(error) from error
    return _shown(kept)


@router.post("/load")
async def load_state(
    wish: SnapshotName, sandbox: SelectedSandbox, sandboxes: AllSandboxes, vendors: Vendors, settings: AllSettings
) -> dict[str, Any]:
    """Make the selected sandbox what it was when a snapshot was taken: rows, files, numbers, seed and clock.

    Journal, faults and counted requests stay. Webhooks that were still to be sent then are not sent. `notes` says what this
    version has otherwise than the one that took the snapshot.
    """
    snapshots = sandboxes.snapshots(sandbox.name)
    try:
        built = await load(sandbox, snapshots, wish.name, vendors=list(vendors.values()), largest_files=settings.max_upload_bytes)
    except UnknownSnapshot:
        raise _unknown(wish.name) from None
    except BadSnapshot as error:
        raise HTTPException(409, f"the snapshot {wish.name!r} can't be loaded: {error}") from error
    except OSError as error:
        raise _not_kept(error) from error
    sandboxes.events.publish("sandbox", sandbox.name, {"change": "loaded", "snapshot": wish.name})
    return {"sandbox": sandbox.name, "name": wish.name, "seed": sandbox.seed, "notes": built.notes}


@router.get("")
async def list_states(sandbox: SelectedSandbox, sandboxes: AllSandboxes) -> dict[str, Any]:
    """List the snapshots of the selected sandbox, by name; `problem` tells why one can't be loaded."""
    snapshots = sandboxes.snapshots(sandbox.name)
    found = await asyncio.to_thread(snapshots.all)
    return {"states": [_shown(kept) for kept in found], "meta": {"total": len(found)}}


@router.get("/{name}", response_class=Response)
async def export_state(name: str, sandbox: SelectedSandbox, sandboxes: AllSandboxes) -> Response:
    """Give a snapshot as a file, which other servers and later versions read."""
    try:
        file = sandboxes.snapshots(sandbox.name).path(name).open("rb")
    except (UnknownSnapshot, FileNotFoundError):
        raise _unknown(name) from None
    size = file.seek(0, 2)
    file.seek(0)
    headers = {"Content-Length": str(size), "Content-Disposition": f'attachment; filename="{name}.zip"'}
    return StreamingResponse(_blocks(file), media_type="application/zip", headers=headers)


@router.put("/{name}")
async def import_state(
    name: str, request: Request, sandbox: SelectedSandbox, sandboxes: AllSandboxes, vendors: Vendors, settings: AllSettings
) -> dict[str, Any]:
    """Keep the file in the body as a snapshot of the selected sandbox, in the place of what had its name.

    It is checked as a whole first; the sandbox itself stays as it is. `notes` says what this version has otherwise than the one
    that took the snapshot.
    """
    snapshots = sandboxes.snapshots(sandbox.name)
    try:
        with snapshots.draft(name) as draft:
            await _receive(request, draft.file, at_most=settings.max_upload_bytes)
            built = await check(draft, vendors=list(vendors.values()), largest_files=settings.max_upload_bytes)
            draft.keep(sandbox)
        return {**_shown(snapshots.describe(name)), "notes": built.notes}
    except BadName as error:
        raise HTTPException(422, f"name: {error}") from error
    except BadSnapshot as error:
        raise HTTPException(422, f"body: {error}") from error
    except OSError as error:
        raise _not_kept(error) from error


@router.delete("/{name}")
async def delete_state(name: str, sandbox: SelectedSandbox, sandboxes: AllSandboxes) -> dict[str, str]:
    """Delete a snapshot; the sandbox stays as it is."""
    try:
        sandboxes.snapshots(sandbox.name).remove(name)
    except UnknownSnapshot:
        raise _unknown(name) from None
    return {"name": name}


async def _receive(request: Request, file: IO[bytes], *, at_most: int) -> None:
    """Write the body into a file as it comes in; refuse one of more than `at_most` bytes."""
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size <= at_most:
                file.write(chunk)
            elif size > DRAIN_BYTES:
                break
    except ClientDisconnect:
        raise HTTPException(422, "body: it was cut short") from None
    if size > at_most:
        raise HTTPException(413, f"A snapshot has at most {at_most} bytes (UNDERSTUDY_MAX_UPLOAD_BYTES).")


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(BLOCK):
            yield block


def _unknown(name: str) -> HTTPException:
    return HTTPException(404, f"There is no snapshot {name[:100]!r} of this sandbox; GET /__admin/state lists them.")


def _not_kept(error: OSError) -> HTTPException:
    return HTTPException(507, f"the snapshot can't be written or read: {error.strerror or error}")


def _shown(kept: Kept) -> dict[str, Any]:
    manifest = kept.manifest
    if manifest is None:
        return {"name": kept.name, "bytes": kept.size, "problem": kept.problem}
    return {
        "name": kept.name,
        "createdAt": manifest.created_at,
        "bytes": kept.size,
        "version": manifest.version,
        "understudy": manifest.understudy,
        "sandbox": manifest.sandbox,
        "seed": manifest.seed,
        "instant": manifest.clock.instant,
    }
