"""Every version of the golden path `service` can be made, and stands as it says, whatever came after it."""

from __future__ import annotations

import re

import pytest

from platformctl import golden_path
from platformctl.released import order
from tests.e2e.sandbox import World
from tests.newest import SERVICE as NEWEST

VERSIONS = golden_path.find([golden_path.shipped()], "service").versions
PLACES = {"1.0.0": ("CODEOWNERS", set()), "1.1.0": ("CODEOWNERS", {"dependabot.yml"})}
"""Where the owners are named, and what is below .github beside the pipeline; of others, as in the newest."""


@pytest.mark.parametrize("version", VERSIONS)
def test_a_service_of_any_version_is_as_it_should_be(version: str, used: World) -> None:
    asked = ("new", "service", "old-api", "--team", "crew", "--path-version", version, "--no-input")
    assert used.run(*asked).code == 0
    done = used.run("doctor", "old-api")
    assert done.code == 0, done.out
    newer = f"version {NEWEST} is there; this is {version}" in done.out
    assert newer == (order(NEWEST) > order(version))
    owners, more = PLACES.get(version, (".github/CODEOWNERS", {"CODEOWNERS", "dependabot.yml"}))
    assert used.git("old-api", "show", f"main:{owners}") == "* @local/crew"
    assert {*used.git("old-api", "ls-tree", "--name-only", "main:.github").split()} == {"workflows", *more}
    assert re.search(f"^version: {version}$", used.git("old-api", "show", "main:.platformctl.yaml"), re.MULTILINE)


def test_a_file_that_an_answer_decides_about_comes_and_goes(used: World) -> None:
    def listed() -> list[str]:
        return used.git("base-api", "ls-tree", "--name-only", "main:.github").split()

    assert "dependabot.yml" in listed()
    for enabled in (False, True):
        configured = used.run("configure", "base-api", "--set", f"updates.enabled={str(enabled).lower()}", "--yes")
        assert configured.code == 0, configured.err
        assert ("dependabot.yml" in listed()) == enabled
        assert ("Dependabot" in used.git("base-api", "show", "main:README.md")) == enabled
        assert used.run("doctor", "base-api").code == 0
