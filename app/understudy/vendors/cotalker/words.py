"""The words by which `search` finds records.

The vendor generates them: "The Best Group Ever!" gives the, best, group, ever, and the address apple@jingmen.com gives apple,
jingmen, com, applejingmencom (group and user models).
"""

import re

WORD = re.compile(r"[^\W_]+")

# A record is found by no more words than this: a name may be as long as a body.
WORDS_KEPT = 1000


def words_of(*texts: str) -> list[str]:
    """Return the lower-case words of some texts, each once, in their order."""
    return list(dict.fromkeys(word for text in texts for word in WORD.findall(text.lower())))[:WORDS_KEPT]


def mail_words(address: str) -> list[str]:
    """Return the parts of an address, and the whole of it without punctuation."""
    parts = words_of(address)
    return list(dict.fromkeys([*parts, "".join(WORD.findall(address.lower()))]))
