"""Settings that carry no mark: told from the journals of this machine, and from what was asked for before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import yaml

from platformctl.commands import configure, mend
from platformctl.model import Drift
from tests.drifts.settings import meta
from tests.drifts.stand import SERVICE, Stand

CHANCE = Random(0)
RECORD = ".platformctl.yaml"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    return Stand(tmp_path_factory.mktemp("stand"))


@pytest.fixture
def stand(made: Stand) -> Iterator[Stand]:
    with made.entered():
        made.restore()
        yield made


def classes(stand: Stand, *addresses: str) -> dict[str, Drift]:
    """The findings of some addresses, by their part."""
    return {one.part: one.drift for one in stand.look().findings if one.address.startswith(addresses)}


def record(stand: Stand, **answers: object) -> None:
    """A pull request that changes answers is merged, and nothing is applied."""
    whole = yaml.safe_load(stand.content(RECORD))
    whole["answers"] |= answers
    stand.commit({RECORD: yaml.safe_dump(whole).encode()}, CHANCE)


def elsewhere(stand: Stand) -> None:
    """It is looked at from a machine that has no journals."""
    shutil.rmtree(stand.home / "runs")


SETTINGS = ("repository/", "branch_protection/", "pipeline_settings/")


@pytest.mark.parametrize("here", [True, False], ids=["here", "elsewhere"])
def test_what_an_earlier_record_asked_for_is_behind(here: bool, stand: Stand) -> None:
    record(stand, description="One", visibility="private")
    record(stand, description="Two", tier="batch")
    stand.commit({RECORD: stand.content(RECORD) + b"# noted\n"}, CHANCE)
    meta(lambda whole, chance: whole["settings"].update(merge="rebase"))(stand, CHANCE)
    if not here:
        elsewhere(stand)
    assert classes(stand, *SETTINGS) == {
        "description": Drift.BEHIND,
        "topics": Drift.BEHIND,
        "visibility": Drift.BEHIND,
        "merge": Drift.OUT_OF_BAND,
    }


def test_what_the_platform_asks_for_by_now_is_behind_where_it_was_applied_from(stand: Stand) -> None:
    platform = stand.platform
    platform["ci"]["variables"] |= {"REGION": "eu-west-1", "PROXY": "proxy:3128"}
    stand.configure({**platform, "forge": {"bypass": ["role:admin"]}})
    meta(lambda whole, chance: whole["variables"].update(REGISTRY_USERNAME="mallory"))(stand, CHANCE)
    meta(lambda whole, chance: whole["secrets"].pop("SCANNER_TOKEN"))(stand, CHANCE)
    found = {
        "bypass": Drift.BEHIND,
        "variables.REGION": Drift.BEHIND,
        "variables.PROXY": Drift.BEHIND,
        "variables.REGISTRY_USERNAME": Drift.OUT_OF_BAND,
        "secrets.SCANNER_TOKEN": Drift.MISSING,
    }
    assert classes(stand, *SETTINGS) == found
    elsewhere(stand)
    unknown = {"bypass": Drift.OUT_OF_BAND, "variables.REGION": Drift.OUT_OF_BAND, "variables.PROXY": Drift.MISSING}
    assert classes(stand, *SETTINGS) == found | unknown


def test_what_somebody_put_back_to_what_was_asked_for_before_was_changed(stand: Stand) -> None:
    configure.configure(configure.Options(SERVICE, ("description=New",)), stand.session("configure"), lambda *_: True)
    meta(lambda whole, chance: whole["settings"].update(description="Takes payments"))(stand, CHANCE)
    assert classes(stand, *SETTINGS) == {"description": Drift.OUT_OF_BAND}


def test_a_damaged_journal_is_no_evidence(stand: Stand) -> None:
    for file in (stand.home / "runs").iterdir():
        file.write_text("{\n")
    meta(lambda whole, chance: whole["settings"].update(merge="rebase"))(stand, CHANCE)
    assert classes(stand, *SETTINGS) == {"merge": Drift.OUT_OF_BAND}


@pytest.mark.parametrize("here", [True, False], ids=["here", "elsewhere"])
def test_what_an_override_that_has_ended_asked_for_is_behind(here: bool, stand: Stand) -> None:
    def overridden(until: str) -> None:
        whole = yaml.safe_load(stand.content(RECORD))
        about = {"why": "few people", "decided_by": "ada", "since": "2026-01-01", "until": until}
        whole["overrides"] = [{"input": "branch_protection.reviews", "value": 2, **about}]
        stand.commit({RECORD: yaml.safe_dump(whole).encode()}, CHANCE)

    overridden("2999-01-01")
    mend.fix(SERVICE, stand.session(), lambda *_: True)
    assert classes(stand, *SETTINGS) == {}
    overridden("2026-02-01")
    meta(lambda whole, chance: whole["protection"]["main"].update(linear_history=False))(stand, CHANCE)
    if not here:
        elsewhere(stand)
    assert classes(stand, *SETTINGS) == {"reviews": Drift.BEHIND, "linear_history": Drift.OUT_OF_BAND}
    [reviews] = [one for one in stand.look().findings if one.part == "reviews"]
    assert reviews.override is not None


def test_topics_and_orders_that_are_the_teams_own_stay(stand: Stand) -> None:
    def more(whole: dict[str, dict[str, list[str]]], chance: Random) -> None:
        whole["settings"]["topics"] += ["python", "pci-dss"]
        whole["settings"]["topics"].reverse()
        whole["protection"]["main"]["checks"].reverse()

    meta(more)(stand, CHANCE)
    assert classes(stand, *SETTINGS) == {}
    meta(lambda whole, chance: whole["settings"]["topics"].append("tier-gold"))(stand, CHANCE)
    assert classes(stand, *SETTINGS) == {"topics": Drift.OUT_OF_BAND}
    mend.fix(SERVICE, stand.session(), lambda *_: True)
    topics = stand.session().wiring.ports["forge"].repository(SERVICE).settings["topics"]
    assert topics == ["golden-path-service", "pci-dss", "python", "team-payments", "tier-standard"]


def test_the_images_file_comes_back_with_what_ci_wrote_last(stand: Stand) -> None:
    path = "staging/payments-api/image/kustomization.yaml"
    released = stand.content(path, "environments").replace(b"unreleased", b"v7")
    stand.commit({path: released}, CHANCE, "environments")
    assert classes(stand, "manifests/") == {}
    stand.commit({path: None}, CHANCE, "environments")
    assert classes(stand, "manifests/") == {"image/kustomization.yaml": Drift.MISSING}
    mend.fix(SERVICE, stand.session(), lambda *_: True)
    assert stand.content(path, "environments") == released
    assert classes(stand, "manifests/") == {}


def test_the_home_folder_is_as_it_was(stand: Stand) -> None:
    """Looking writes nothing."""

    def everything() -> dict[Path, bytes]:
        folders = (path for path in stand.home.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in folders if not {"locks", "cache"} & set(path.parts)}

    record(stand, description="One")
    before = everything()
    stand.look()
    stand.look_in_fleet()
    assert everything() == before
