"""Signs requests as GroupCamp's clients do, for who calls the vendor itself: `understudy verify`.

Decision: it shares nothing with `auth.py`, which checks signatures. Why: a mistake that both made would never be seen.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping


def signed_headers(method: str, path: str, body: bytes, credential: Mapping[str, str]) -> Mapping[str, str]:
    """Return the three headers of a request; of the body only a POST's counts. `path` has no query."""
    text = b"::".join((method.encode(), path.removesuffix("/").encode(), body if method == "POST" else b""))
    signature = b64encode(hmac.digest(credential["secret"].encode(), text, "sha1")).decode()
    return {
        "X-Gcmp-Application": credential["application"],
        "X-Gcmp-Acting": credential["acting"],
        "Authorization": f"GCMP {credential['key']}:{signature}",
    }
