"""Alerts link to the runbook, so it has a line about each of them, and the pages of a service lead somewhere."""

from __future__ import annotations

import re

import yaml
from test_golden import Version, every_case

PAGES = ("README.md", "docs/runbook.md")


def alerts(rules: bytes) -> set[tuple[str, str]]:
    """Each alert in a file of rules with what it does: `page` or `ticket`."""
    kinds = {"critical": "page", "warning": "ticket"}
    found = [rule for group in yaml.safe_load(rules)["groups"] for rule in group["rules"] if "alert" in rule]
    return {(rule["alert"], kinds[rule["labels"]["severity"]]) for rule in found}


@every_case
def test_the_runbook_explains_every_alert_and_no_other(one: Version, case: str) -> None:
    files = one.tree(case)
    rows = re.findall(r"^\| `(\w+)` \| (page|ticket) \|", files["docs/runbook.md"].content.decode(), re.MULTILINE)
    assert sorted(rows) == sorted(alerts(files["rules.yml"].content))


@every_case
def test_links_between_the_pages_lead_somewhere(one: Version, case: str) -> None:
    texts = {path: one.tree(case)[path].content.decode() for path in PAGES}
    anchors = {
        path: {
            re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall("^#+ (.+)$", text, re.M)
        }
        for path, text in texts.items()
    }
    links = [(path, *link) for path, text in texts.items() for link in re.findall(r"\]\(([\w/.]*)#([\w-]+)\)", text)]
    assert len(links) > 10
    assert [link for link in links if link[2] not in anchors[link[1] or link[0]]] == []
