"""A typed client of the control plane, for test suites and scripts: `from understudy.client import Understudy`.

```
UnderstudyError
├── Unreachable   nobody answers at the address, or somebody who is no Understudy
└── Refused       the control plane says no: `status`, `code`, `detail`
```

It imports nothing of the server, so that it costs a test suite no more than an HTTP client does.
"""

from understudy.client.clock import Clock
from understudy.client.errors import Refused, UnderstudyError, Unreachable
from understudy.client.faults import Fault, Faults
from understudy.client.journal import Entry, Journal, NearMiss
from understudy.client.provenance import Provenance, Rule
from understudy.client.sandbox import Credential, Sandbox, Vendor
from understudy.client.server import Health, SandboxInfo, Understudy
from understudy.client.state import Snapshot, State
from understudy.client.webhooks import Delivery, Webhooks

__all__ = [
    "Clock",
    "Credential",
    "Delivery",
    "Entry",
    "Fault",
    "Faults",
    "Health",
    "Journal",
    "NearMiss",
    "Provenance",
    "Refused",
    "Rule",
    "Sandbox",
    "SandboxInfo",
    "Snapshot",
    "State",
    "Understudy",
    "UnderstudyError",
    "Unreachable",
    "Vendor",
    "Webhooks",
]
