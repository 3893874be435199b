"""A dashboard asks for recorded series, so the rules of the same service record them, with the labels that it asks for.

They are two files of two steps, and neither sees the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import yaml
from test_golden import Version, every_case

Series = tuple[str, frozenset[tuple[str, str]]]
"""A name and labels."""


def asked(dashboard: bytes) -> Iterator[Series]:
    """The recorded series, which have a colon in their names, in a dashboard's queries, for each environment."""
    page = json.loads(dashboard)
    (environments,) = (one["options"] for one in page["templating"]["list"] if one["name"] == "environment")
    for query in (query for panel in page["panels"] for query in panel.get("targets", ())):
        for name, matchers in re.findall(r"(\w+:[\w:]+)\{([^}]*)\}", query["expr"]):
            for environment in environments:
                chosen = matchers.replace("$environment", environment["value"])
                yield name, frozenset(re.findall('(\\w+)=~?"([^"]*)"', chosen))


def recorded(rules: bytes) -> set[Series]:
    """What a file of rules records."""
    found = [rule for group in yaml.safe_load(rules)["groups"] for rule in group["rules"] if "record" in rule]
    return {(rule["record"], frozenset(rule["labels"].items())) for rule in found}


@every_case
def test_what_the_dashboard_asks_for_is_recorded(one: Version, case: str) -> None:
    files = one.tree(case)
    wanted = set(asked(files["dashboard.json"].content))
    assert len(wanted) == 3, "processor, memory and replicas have a limit"
    assert wanted <= recorded(files["rules.yml"].content)
