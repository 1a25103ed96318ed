"""HTTPS for clients whose addresses are hard-coded: a certificate for all vendor hosts, from a certificate authority of our own.

The authority is made once and kept, so that a client has to be told only once to trust it; a certificate is issued at each start.
The library trustme makes both.
"""

import ipaddress
import os
import re
import ssl
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from platformdirs import user_data_path

if TYPE_CHECKING:
    import trustme

NAME: Final = re.compile(r"[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*")
CERTIFICATE: Final = "ca.pem"
KEPT: Final = "authority.pem"  # key and certificate together
# Some clients refuse certificates that are valid for longer, or not yet because their clock is slow.
VALID_FOR: Final = timedelta(days=397)
VALID_SINCE: Final = timedelta(days=1)


class BadAuthority(Exception):
    """The certificate authority can't be read or made; the message is one line."""


def authority(directory: Path | None) -> Path:
    """Return the certificate of the authority that is kept in `directory`; make one there if there is none.

    Without `directory` it is kept in the user's data directory. Raises `BadAuthority`.
    """
    place = _place(directory)
    certificate = place / CERTIFICATE
    try:
        kept = _kept(place)
        text = _ca(place, kept).cert_pem.bytes()
        if not certificate.exists() or certificate.read_bytes() != text:
            _write_whole(certificate, text, mode=0o644)
    except OSError as error:
        raise BadAuthority(f"{error.filename or place}: {error.strerror}") from error
    return certificate


def server_context(directory: Path | None, hosts: Iterable[str]) -> ssl.SSLContext:
    """Return what a server needs to answer as each of `hosts` (names, wildcards, addresses); raise `BadAuthority`."""
    place = authority(directory).parent
    ca = _ca(place, _kept(place))
    now = datetime.now(UTC)
    issued = ca.issue_cert(*dict.fromkeys(hosts), not_before=now - VALID_SINCE, not_after=now + VALID_FOR)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    context.set_alpn_protocols(["http/1.1"])
    return context


def client_context(directory: Path | None) -> ssl.SSLContext:
    """Return what a client needs to trust our authority, if there is one, beside the authorities of this machine."""
    context = ssl.create_default_context()
    if (certificate := _place(directory) / CERTIFICATE).exists():
        context.load_verify_locations(certificate)
    return context


def is_host(text: str) -> bool:
    """Whether a certificate can be issued for `text`: a host name, perhaps with a wildcard, or an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return NAME.fullmatch(text.removeprefix("*.")) is not None and _is_domain(text.removeprefix("*."))
    return True


def _is_domain(name: str) -> bool:
    import idna  # with which trustme checks what it is to write into a certificate

    try:
        idna.encode(name, uts46=True)
    except idna.IDNAError:
        return False
    return True


def _place(directory: Path | None) -> Path:
    if directory is not None:
        return directory
    try:
        return user_data_path("understudy") / "ca"
    except RuntimeError as error:
        raise BadAuthority("there is no home directory to keep the certificate authority in; set UNDERSTUDY_CA") from error


def _kept(place: Path) -> bytes:
    """Return key and certificate as they are kept in one file, which is made whole or not at all."""
    kept = place / KEPT
    if not kept.exists():
        import trustme

        ca = trustme.CA(organization_name="Understudy, for tests only", path_length=0)
        place.mkdir(parents=True, exist_ok=True)
        _write_whole(kept, ca.private_key_pem.bytes() + ca.cert_pem.bytes(), mode=0o600, replace=False)
    return kept.read_bytes()


def _ca(place: Path, kept: bytes) -> "trustme.CA":
    import trustme

    key, begin, certificate = kept.partition(b"-----BEGIN CERTIFICATE-----")
    try:
        return trustme.CA.from_pem(begin + certificate, key)
    except (ValueError, TypeError) as error:
        raise BadAuthority(f"{place / KEPT} is no certificate authority of Understudy: {' '.join(str(error).split())}") from error


def _link(draft: Path, path: Path) -> None:
    """Give a file its name unless that is taken; where files can't have two names, the last of two processes wins."""
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError:
        draft.replace(path)


def _write_whole(path: Path, content: bytes, *, mode: int, replace: bool = True) -> None:
    """Write a file so that nobody sees a part of it; without `replace`, whoever wrote it first has."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        draft.chmod(mode)
        if replace:
            draft.replace(path)
        elif not path.exists():
            _link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
