"""git and Terraform that are missing or are broken as programs."""

from __future__ import annotations

import pytest

from tests.e2e.sandbox import GIT, NEW, TERRAFORM, Says, World, changed, row


@pytest.mark.parametrize(
    "command",
    [NEW, (*NEW, "--dry-run"), ("configure", "base-api", "--set", "tier=batch")],
    ids=["new", "dry-run", "configure"],
)
class TestMissingTools:
    """A tool is not on PATH: exit code 4 and how to install it."""

    def test_no_terraform(self, used: World, command: tuple[str, ...]) -> None:
        used.only(git=GIT)
        says = ["terraform or tofu is not on PATH", "Install it: https://"]
        used.refused(*command, code=4, says=says)

    def test_no_git(self, used: World, command: tuple[str, ...]) -> None:
        used.only(terraform=TERRAFORM)
        used.refused(*command, code=4, says=["git is not on PATH", "Install it: apt-get install git"])


def test_doctor_without_terraform_says_how_to_get_it(used: World) -> None:
    used.only(git=GIT)
    before = used.tree()
    done = used.run("doctor", "base-api")
    assert done.code == 4
    assert "terraform or tofu is not on PATH. Install it: https://" in done.out + done.err
    assert used.tree() == before


@pytest.mark.parametrize(
    ("tool", "command"),
    [
        row("git new", "git", NEW),
        row("git plan", "git", (*NEW, "--dry-run")),
        row("git init", "git", ("init", "--organisation", "acme")),
        row("terraform new", "terraform", NEW),
        row("terraform plan", "terraform", (*NEW, "--dry-run")),
    ],
)
def test_a_tool_is_missing_on_first_use(empty: World, tool: str, command: tuple[str, ...]) -> None:
    empty.only(**({"git": GIT} if tool == "terraform" else {"terraform": TERRAFORM}))
    empty.refused(*command, code=4, says=["is not on PATH", "Install it"])


@pytest.mark.parametrize(
    ("script", "says"),
    [
        row("fails silently", "#!/bin/sh\nexit 3\n", ["terraform init"]),
        row("fails in words", "#!/bin/sh\necho 'Error: no such luck' >&2\nexit 1\n", ["terraform init: no such luck"]),
        row("is killed", "#!/bin/sh\nkill -9 $$\n", ["terraform init", "signal 9"]),
        row("is no program", "garbage\0", ["terraform", "Exec format error"]),
        row("has no interpreter", "#!/no/such/sh\n", ["terraform", "No such file"]),
    ],
)
def test_terraform_is_broken(used: World, script: str, says: Says) -> None:
    (used.bin / "terraform").write_text(script, encoding="utf-8")
    (used.bin / "terraform").chmod(0o755)
    used.refused(*NEW, code=1, says=says)


def test_git_is_broken(used: World) -> None:
    (used.bin / "git").write_text("#!/bin/sh\necho 'fatal: no such luck' >&2\nexit 128\n", encoding="utf-8")
    (used.bin / "git").chmod(0o755)
    before = used.tree()
    done = used.run(*NEW)
    assert done.code == 1
    assert "fatal: no such luck" in done.message
    assert [path for path in changed(before, used.tree()) if not path.startswith("home/runs")] == []
