"""`understudy verify`: replays documented exchanges against a target and tells rule by rule what is true there.

The way of a case, in order:

1. `loading` reads `fixtures/<vendor>/evidence/*.yaml` into the forms of `form`, and refuses what is misspelt.
2. `running` decides whether a case can run against a target, carries out its preparations and steps, and removes what they made.
3. `target` sends requests: with credentials, politely, never elsewhere.
4. `expecting` holds an answer against what the case expects of it, rule by rule, with the matchers of `matching`.
5. `verdicts` makes one result per rule of them all; `reports` writes it.

Decision: an expectation belongs to one rule and says only what that rule says. What another rule has to tell (a status, a member
that is not there) makes it not reachable instead of different. Why: a report that names ten rules for one change names none.
Refused: comparing whole answers.
"""
