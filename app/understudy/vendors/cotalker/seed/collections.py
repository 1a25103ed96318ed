"""Collections that belong to no workflow, with elements above and below each other."""

from typing import Any

from understudy.core.world import BadRecipe
from understudy.vendors.cotalker.rules.properties import store_property
from understudy.vendors.cotalker.rules.property_types import store_property_type
from understudy.vendors.cotalker.seed.ground import Ground
from understudy.vendors.cotalker.seed.recipe import CollectionRecipe, ElementRecipe


def plant_collections(ground: Ground, wanted: list[CollectionRecipe]) -> None:
    """Make collections and their elements; ids tell when. Raises `BadRecipe` for a part that is not there."""
    planted: dict[str, str] = {}
    for collection in wanted:
        _plant_type(ground, collection)
        for element in collection.elements:
            _plant_element(ground, collection.code, element, planted)
            planted[element.code] = element.id


def _plant_type(ground: Ground, wanted: CollectionRecipe) -> None:
    nodes = [
        {"key": key, "display": display, "basicType": kind, "isArray": False, "isActive": True, "weight": weight}
        for weight, (key, display, kind) in enumerate(wanted.fields)
    ]
    wishes = {"code": wanted.code, "display": wanted.name, "viewPermissions": wanted.view, "schemaNodes": nodes}
    store_property_type(ground.session, wanted.id, company=ground.company, created=_second(wanted.id), wishes=wishes)


def _plant_element(ground: Ground, collection: str, wanted: ElementRecipe, planted: dict[str, str]) -> None:
    for code in wanted.parts:
        if code not in planted:
            raise BadRecipe(f"vendors.cotalker.collections: no element before {wanted.code!r} has the code {code!r}")
    wishes: dict[str, Any] = {
        "name": {"code": wanted.code, "display": wanted.name},
        "propertyType": collection,
        "subproperty": [planted[code] for code in wanted.parts],
    }
    if wanted.extra:
        wishes["schemaInstance"] = wanted.extra
    store_property(ground.session, wanted.id, company=ground.company, created=_second(wanted.id), wishes=wishes)


def _second(known: str) -> int:
    return int(known[:8], 16) * 1000
