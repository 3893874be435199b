"""What a recipe says about its proof is about the service that it makes."""

from __future__ import annotations

from typing import Final

import yaml
from test_golden import ROOT, Version, every_case, every_version

SEVERITIES: Final = {
    "page": "critical",
    "ticket": "warning",
    "slow_page": "critical",
    "slow_ticket": "warning",
    "absent": "critical",
}


@every_version
def test_every_path_for_developers_can_be_proven(one: Version) -> None:
    assert one.recipe.proof.keys() >= {"ready", "metrics", "driver", "drive", "logs", "dashboard", "alerts"}


@every_case
def test_the_alerts_that_are_proven_are_there_for_the_environment(one: Version, case: str) -> None:
    rules = yaml.safe_load(one.tree(case)["rules.yml"].content)
    fires = [
        (rule["alert"], rule["labels"]["severity"], rule["labels"]["environment"])
        for group in rules["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]
    proven = one.recipe.proof["alerts"]
    for name, severity in SEVERITIES.items():
        assert (proven[name], severity, proven["environment"]) in fires


def test_a_drill_is_for_a_proof_alone() -> None:
    """Nothing that is deployed sets it."""
    deployed = [file for part in ("modules", "workflows", "images") for file in (ROOT / part).rglob("*")]
    texts = [file.read_text(encoding="utf-8") for file in deployed if file.is_file() and ".terraform" not in file.parts]
    assert any("SERVICE_ENVIRONMENT" in text for text in texts)
    assert not any("SERVICE_DRILL" in text for text in texts)
