"""Describes request patterns and logged requests as JSON Schema: their readers take any JSON and say themselves what is wrong."""

from typing import Any, Final

from understudy.control.logged_request import KNOWN
from understudy.core.fault_rules import METHODS

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
MANY: Final[Schema] = {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Matcher"}}
ONE: Final[Schema] = {"$ref": "#/components/schemas/Matcher"}
LIST: Final[Schema] = {"type": "array", "items": ONE}
OF_JSON: Final[Schema] = {"type": "boolean", "description": "Option of `equalToJson`."}
CREDENTIALS: Final[Schema] = {
    "type": "object",
    "required": ["username", "password"],
    "properties": {"username": TEXT, "password": TEXT},
    "additionalProperties": False,
}

MATCHER: Final[Schema] = {
    "type": "object",
    "description": "One test of a value, as in WireMock: one of these members, and the options that it takes.",
    "examples": [{"equalTo": "x"}, {"matchesJsonPath": "$.name"}],
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        **dict.fromkeys(("equalTo", "contains", "doesNotContain", "matches", "doesNotMatch"), TEXT),
        "absent": {"description": "Can only be true."},
        "anything": {},
        "equalToJson": {"description": "JSON, or a text that holds some."},
        "matchesJsonPath": {
            "anyOf": [TEXT, {"type": "object", "required": ["expression"], "properties": {"expression": TEXT}}],
            "description": "A path; or a path as `expression`, and a matcher for what it leads to beside it.",
        },
        **dict.fromkeys(("equalToDateTime", "before", "after"), TEXT | {"description": "An ISO 8601 date or date-time."}),
        **dict.fromkeys(("and", "or"), LIST | {"minItems": 1}),
        "not": ONE,
        **dict.fromkeys(("hasExactly", "includes"), LIST | {"description": "Of all values of a header or parameter."}),
        "binaryEqualTo": TEXT | {"description": "A whole body, as base64."},
        "caseInsensitive": {"type": "boolean", "description": "Option of `equalTo`."},
        "ignoreArrayOrder": OF_JSON,
        "ignoreExtraElements": OF_JSON,
    },
}

PATTERN: Final[Schema] = {
    "type": "object",
    "description": "All that is given must hold; `{}` is every request. At most one member says the URL.",
    "examples": [{"operation": "createTask"}],
    "additionalProperties": False,
    "properties": {
        "vendor": TEXT,
        "operation": TEXT | {"description": "An operationId of the vendor."},
        "method": TEXT | {"description": f"In letters of either case: ANY, {', '.join(METHODS)}."},
        "url": TEXT | {"description": "Path and query, to the letter."},
        "urlPattern": TEXT | {"description": "A regular expression of path and query."},
        "urlPath": TEXT,
        "urlPathPattern": TEXT | {"description": "A regular expression of the path."},
        "urlPathTemplate": TEXT | {"description": "A path with variables, such as `/things/{id}`."},
        "pathParameters": MANY | {"description": "By variable of `urlPathTemplate`."},
        **dict.fromkeys(("queryParameters", "headers", "cookies", "formParameters"), MANY),
        **dict.fromkeys(("basicAuthCredentials", "basicAuth"), CREDENTIALS),
        "bodyPatterns": LIST,
        "scheme": TEXT,
        "host": ONE,
        "port": {"anyOf": [{"type": "integer"}, TEXT]},
        "clientIp": ONE,
    },
}

NAMED: Final[Schema] = {"type": "object", "additionalProperties": {}}
OF_LOGGED: Final[Schema] = {
    "url": TEXT | {"description": "Path and query; this or `absoluteUrl` is needed."},
    **dict.fromkeys(("absoluteUrl", "method", "body", "bodyAsBase64", "vendor"), TEXT),
    "headers": NAMED,
    **dict.fromkeys(("queryParams", "queryParameters"), NAMED),
}
LOGGED_REQUEST: Final[Schema] = {
    "type": "object",
    "description": "A request as the journal shows one; what a near miss doesn't depend on may be there and is not looked at.",
    "additionalProperties": False,
    "properties": {name: OF_LOGGED.get(name, {}) for name in sorted(KNOWN)},
}

SCHEMAS: Final = {"Matcher": MATCHER, "RequestPattern": PATTERN, "LoggedRequest": LOGGED_REQUEST}
BODIES: Final = {
    "/requests/count": "RequestPattern",
    "/requests/find": "RequestPattern",
    "/requests/remove": "RequestPattern",
    "/near-misses/request-pattern": "RequestPattern",
    "/near-misses/request": "LoggedRequest",
}
"""Which of them is the body where."""
