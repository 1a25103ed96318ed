"""HTTPS for clients whose addresses are hard-coded: a certificate for all vendor hosts, from a certificate authority of our own.

The authority is made once and kept, so that a client has to be told only once to trust it; a certificate is issued at each start.
The library trustme makes both.
"""

import ipaddress
import os
import ssl
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Final

from platformdirs import user_data_path

if TYPE_CHECKING:
    import trustme

CERTIFICATE: Final = "ca.pem"
KEY: Final = "ca-key.pem"
# Some clients refuse certificates that are valid for longer, or not yet because their clock is slow.
VALID_FOR: Final = timedelta(days=397)
VALID_SINCE: Final = timedelta(days=1)


class BadAuthority(Exception):
    """The certificate authority can't be read or made; the message is one line."""


def authority(directory: Path | None) -> Path:
    """Return the certificate of the authority that is kept in `directory`; there, make one if there is none.

    Without `directory` it is kept in the user's data directory. Raises `BadAuthority`.
    """
    place = _place(directory)
    if not (place / CERTIFICATE).exists():
        try:
            _make(place)
        except OSError as error:
            raise BadAuthority(f"{place}: {error.strerror}") from error
    return place / CERTIFICATE


def server_context(directory: Path | None, hosts: Iterable[str]) -> ssl.SSLContext:
    """Return what a server needs to answer as each of `hosts` (names, wildcards, addresses); raise `BadAuthority`."""
    ca = _load(authority(directory))
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
        labels = text.removeprefix("*.").split(".")
        return text.isascii() and all(label.replace("-", "").replace("_", "").isalnum() for label in labels)
    return True


def _place(directory: Path | None) -> Path:
    if directory is not None:
        return directory
    try:
        return user_data_path("understudy") / "ca"
    except RuntimeError as error:
        raise BadAuthority("there is no home directory to keep the certificate authority in; set UNDERSTUDY_CA") from error


def _make(place: Path) -> None:
    """Make an authority, whole or not at all; of two processes that do so at once, one wins."""
    import trustme

    ca = trustme.CA(organization_name="Understudy, for tests only", path_length=0)
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}."))
    try:
        ca.cert_pem.write_to_path(draft / CERTIFICATE)
        with os.fdopen(os.open(draft / KEY, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as key:
            key.write(ca.private_key_pem.bytes())
        draft.chmod(0o755)
        try:
            draft.rename(place)
        except OSError:
            if not (place / CERTIFICATE).exists():
                raise
    finally:
        rmtree(draft, ignore_errors=True)


def _load(certificate: Path) -> "trustme.CA":
    import trustme

    try:
        return trustme.CA.from_pem(certificate.read_bytes(), certificate.with_name(KEY).read_bytes())
    except OSError as error:
        raise BadAuthority(f"{error.filename}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise BadAuthority(f"{certificate.parent} holds no certificate authority of Understudy: {error}") from error
