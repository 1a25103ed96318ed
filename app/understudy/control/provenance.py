"""The ledgers: every behaviour as a rule with how it is known, which of them a sandbox has used, and whether it may."""

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query

from understudy.control.schemas import NewPolicy
from understudy.control.selected import SelectedSandbox, Vendors, named_vendors, require_operation
from understudy.core.ledger import GRADES, Grade, Rule, ledger, matches
from understudy.core.nearest import LONGEST, meant
from understudy.core.sandbox import Sandbox
from understudy.core.unverified import Policy

router = APIRouter(prefix="/__admin", tags=["Provenance"])


@router.get("/provenance")
async def list_rules(
    sandbox: SelectedSandbox,
    vendors: Vendors,
    vendor: str | None = None,
    operation: str | None = None,
    grade: Grade | None = None,
    everywhere: bool | None = None,
    used: Annotated[bool, Query(description="Only what answers of the sandbox followed, as far as its journal goes.")] = False,
) -> dict[str, Any]:
    """List the rules, each with how it is known, its source, its tests, and how many answers in the journal followed it."""
    concerned = named_vendors(vendor, vendors, field="vendor")
    if operation is not None:
        require_operation(operation, concerned, field="operation")
    uses = Counter(rule for exchange in sandbox.journal for rule in exchange.rules)
    rules = [
        rule
        for one in concerned
        for rule in ledger(one.name).values()
        if (operation is None or operation in rule.operations)
        and (grade is None or rule.grade == grade)
        and (everywhere is None or rule.everywhere == everywhere)
        and (uses[rule.id] or not used)
    ]
    grades = Counter(rule.grade for rule in rules)
    meta = {"total": len(rules), "grades": {name: grades[name] for name in GRADES}}
    return {"rules": [_shown(rule, uses[rule.id], sandbox) for rule in rules], "meta": meta}


@router.get("/provenance/{rule}")
async def get_rule(rule: str, sandbox: SelectedSandbox, vendors: Vendors) -> dict[str, Any]:
    """Show one rule, with all that the ledger says of it."""
    vendor = rule.partition(".")[0]
    known = ledger(vendor) if vendor in vendors else {}
    if rule not in known:
        near = meant(rule, sorted(known)) if len(rule) <= LONGEST else ""
        raise HTTPException(404, f"There is no rule {rule[:LONGEST]!r}{near or '; GET /__admin/provenance lists them.'}")
    uses = sum(rule in exchange.rules for exchange in sandbox.journal)
    return _shown(known[rule], uses, sandbox)


@router.get("/unverified")
async def get_policy(sandbox: SelectedSandbox) -> dict[str, Any]:
    """Tell what becomes of an answer of the sandbox that relied on an inferred rule."""
    return policy_document(sandbox.policy)


@router.put("/unverified")
async def put_policy(sandbox: SelectedSandbox, vendors: Vendors, wish: NewPolicy) -> dict[str, Any]:
    """Say what becomes of such an answer: nothing (`off`), a line in the log (`warn`), or a 501 in its place (`fail`)."""
    sandbox.policy = policy_of(wish, sandbox.policy, vendors)
    return policy_document(sandbox.policy)


def policy_of(wish: NewPolicy, before: Policy, vendors: Vendors) -> Policy:
    """Return a policy that has what a body says and, where it says nothing, what the policy before it has.

    Refuses (422) a pattern that no rule fits: a misspelt one would let nothing pass, and nobody would know why.
    """
    for pattern in wish.accepted_rules or ():
        if not any(matches(rule, (pattern,)) for name in vendors for rule in ledger(name)):
            raise HTTPException(422, f"acceptedRules: no rule fits {pattern[:LONGEST]!r}")
    accepted = before.accepted if wish.accepted_rules is None else wish.accepted_rules
    return Policy(wish.unverified or before.mode, accepted)


def policy_document(policy: Policy) -> dict[str, Any]:
    """Return a policy as the control plane shows it."""
    return {"unverified": policy.mode, "acceptedRules": list(policy.accepted)}


def _shown(rule: Rule, uses: int, sandbox: Sandbox) -> dict[str, Any]:
    return {
        "id": rule.id,
        "vendor": rule.vendor,
        "says": rule.says,
        "grade": rule.grade,
        "source": rule.source,
        "date": rule.as_of,
        "operations": list(rule.operations),
        "everywhere": rule.everywhere,
        "switch": rule.switch,
        "tests": list(rule.tests),
        "unnamed": rule.unnamed,
        "verified": rule.verified,
        "uses": uses,
        "unproven": bool(sandbox.policy.unproven((rule.id,))),
    }
