"""The vendors, in the one list that the rest of the house reads."""

from understudy.core.vendor import Vendor
from understudy.vendors.cotalker import VENDOR as COTALKER
from understudy.vendors.cubicl import VENDOR as CUBICL
from understudy.vendors.groupcamp import VENDOR as GROUPCAMP

VENDORS: list[Vendor] = [COTALKER, CUBICL, GROUPCAMP]
