"""The vendors, in the one list that the rest of the house reads."""

from understudy.core.vendor import Vendor
from understudy.vendors.cotalker import VENDOR as COTALKER

VENDORS: list[Vendor] = [COTALKER]
