"""GroupCamp's two paging mechanisms: `next` (`following.py`) and `full` (`stored.py`)."""

from understudy.vendors.groupcamp.paging.following import Place, cursor, next_page
from understudy.vendors.groupcamp.paging.stored import READERS, drop, drop_list, first_page, items_of, later_page

__all__ = ["READERS", "Place", "cursor", "drop", "drop_list", "first_page", "items_of", "later_page", "next_page"]
