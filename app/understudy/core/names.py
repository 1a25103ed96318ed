"""What things may be called, where the command line has to know it too: importing this costs nothing."""

import re
from typing import Final

SNAPSHOT: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")
SNAPSHOT_RULE: Final = "up to 63 of a-z, 0-9, -, _ and ., the last three not at either end"
