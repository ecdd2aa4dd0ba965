"""Meta's own api_specs: which fields and parameters a node and its edges have (tests/networks/specs.py)."""

from __future__ import annotations

import json
from typing import Any

from tests.networks import specs
from tests.networks.graph_fake import Tree, tree_of

ALWAYS = frozenset({"fields", "limit", "after", "summary", "access_token"})
"""What every edge takes: paging, choice of fields (developers.facebook.com/docs/graph-api/results)."""


class Unknown(AssertionError):
    """Meta's files know no such node, edge, field, parameter or value."""


def node(name: str) -> dict[str, Any]:
    """A node's file."""
    found: dict[str, Any] = specs.document(f"meta/{name}.json")
    return found


def values(enum: str) -> set[str]:
    """What an enumeration allows. Some stand in the files in large letters and in the documents in small."""
    all_of_them = specs.document("meta/enum_types.json.gz")
    return next({str(v).upper() for v in one["values"]} for one in all_of_them if one["name"] == enum)


def check_call(name: str, method: str, edge: str, given: dict[str, Any], beside: frozenset[str]) -> None:
    """Raises Unknown unless the node has that edge and the edge those parameters.

    `beside`: parameters that documents name and the files leave out. Without an edge it is the node itself.
    """
    own = {"GET": "#get", "POST": "#update", "DELETE": "#delete"}[method]
    for one in node(name)["apis"]:
        found = one.get("endpoint", "").strip("/") == edge if edge else one.get("name") == own
        if one["method"] == method and found:
            return _check_parameters(one, given, beside)
    raise Unknown(f"{name}: {method} /{edge}")


def _check_parameters(api: dict[str, Any], given: dict[str, Any], beside: frozenset[str]) -> None:
    known = {p["name"]: p for p in api["params"]}
    if extra := set(given) - set(known) - ALWAYS - beside:
        raise Unknown(f"{api.get('endpoint') or api.get('name')}: {sorted(extra)}")
    if missing := {n for n, p in known.items() if p.get("required")} - set(given):
        raise Unknown(f"{api.get('endpoint') or api.get('name')} needs {sorted(missing)}")
    for name, value in given.items():
        kind = known.get(name, {}).get("type", "")
        if kind.endswith("_enum_param") and str(value).upper() not in values(kind):
            raise Unknown(f"{name}: {value} is none of {sorted(values(kind))}")


def check_fields(name: str, fields: str, below: dict[str, str]) -> None:
    """Raises Unknown for a field that the node does not have. `below`: what node an edge's things are;
    an edge that is not named there is looked at no further."""
    _check_tree(name, tree_of(fields), below)


def _check_tree(name: str, tree: Tree, below: dict[str, str]) -> None:
    known = {f["name"] for f in node(name)["fields"]} | {
        a["endpoint"].strip("/") for a in node(name)["apis"] if a["method"] == "GET" and a.get("endpoint")
    }
    if extra := set(tree) - known:
        raise Unknown(f"{name} has no {sorted(extra)}")
    for field, (_, sub) in tree.items():
        if sub and field in below:
            _check_tree(below[field], sub, below)


def recorded(folder: str) -> list[dict[str, Any]]:
    """Every request of a network's recordings."""
    from tests.networks.recorder import recordings

    played = [json.loads(path.read_text("utf-8")) for path in recordings(folder)]
    return [exchange["request"] for one in played for exchange in one["exchanges"]]
