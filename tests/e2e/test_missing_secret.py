"""A secret of `ci.secrets` that is not there stops every command that may write it, before anything is written."""

from __future__ import annotations

import pytest
import yaml

from tests.e2e.organisation import NEW, Organisation, organisation, stage

__all__ = ["organisation", "stage"]

SAYS = ["platform.yaml:", "the secret REGISTRY_PASSWORD: REGISTRY_PASSWORD is not set"]
CONFIGURE = ("configure", "payments-api", "--set", "tier=batch", "--yes")


@pytest.fixture
def wanting(organisation: Organisation) -> Organisation:
    """An organisation whose pipelines are given a secret, prepared with it."""
    file = organisation.home / "platform.yaml"
    platform = yaml.safe_load(file.read_text())
    platform["ci"]["secrets"] = {"REGISTRY_PASSWORD": "env:REGISTRY_PASSWORD"}
    file.write_text(yaml.safe_dump(platform))
    organisation.env["REGISTRY_PASSWORD"] = "a password"
    organisation.done(*organisation.init)
    return organisation


def test_a_service_is_not_configured_without_it(wanting: Organisation) -> None:
    wanting.done(*NEW)
    del wanting.env["REGISTRY_PASSWORD"]
    wanting.refused(*CONFIGURE, code=4, says=SAYS)
    wanting.refused(*CONFIGURE, "--dry-run", code=4, says=SAYS)
    wanting.env["REGISTRY_PASSWORD"] = "a password"
    wanting.done(*CONFIGURE)


def test_a_run_is_not_resumed_without_it(wanting: Organisation) -> None:
    wanting.shim('[ "$1" != apply ] || exit 1')
    assert wanting.run(*NEW).code == 1
    (wanting.bin / "terraform").unlink()
    del wanting.env["REGISTRY_PASSWORD"]
    wanting.refused("resume", "last", "--yes", code=4, says=SAYS)
    wanting.env["REGISTRY_PASSWORD"] = "a password"
    wanting.done("resume", "last", "--yes")
