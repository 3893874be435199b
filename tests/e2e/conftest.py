"""The worlds that bad input is tried out in: never used, with a service, and of an organisation with its own paths."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.e2e.sandbox")

from tests.e2e.sandbox import Pristine, World  # noqa: E402 - its assertions are rewritten first


@pytest.fixture
def empty(tmp_path: Path) -> World:
    """A world in which platformctl has never been used."""
    return World(tmp_path)


@pytest.fixture(scope="session")
def with_service(tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    """The embedded platform with a service, `base-api`."""
    world = World(tmp_path_factory.mktemp("used"))
    done = world.run("new", "service", "base-api", "--team", "payments", "--no-input")
    assert done.code == 0, done.err
    return Pristine.keep(world, tmp_path_factory.mktemp("kept") / "world")


@pytest.fixture
def used(with_service: Pristine) -> World:
    """A world with a service."""
    return with_service.restored()


@pytest.fixture(scope="session")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    """An organisation with teams and golden paths of its own, prepared."""
    world = World(tmp_path_factory.mktemp("acme"))
    world.write_platform(
        "schema: 1\norganisation: acme\ngolden_paths: [paths]\n"
        "teams:\n  - slug: payments\n    name: Payments\n    paging: secret:payments\n"
    )
    (world.platform.parent / "paths").mkdir()
    done = world.run("init", "--organisation", "acme", "--no-input")
    assert done.code == 0, done.err
    return Pristine.keep(world, tmp_path_factory.mktemp("kept") / "world")


@pytest.fixture
def acme(organisation: Pristine) -> World:
    """A world of that organisation."""
    return organisation.restored()


@pytest.fixture
def recipe(acme: World) -> Callable[..., Path]:
    """Writes the golden path `demo`."""
    paths = acme.platform.parent / "paths"

    def write(text: str | bytes | None, files: dict[str, str | bytes | Path | None] | None = None) -> Path:
        folder = paths / "demo" / "1.0.0"
        folder.mkdir(parents=True)
        about = "schema: 1\nname: demo\ntitle: A demo\nowner: platform\nsupport: none\nlifecycle: experimental\n"
        (paths / "demo" / "path.yaml").write_text(about, encoding="utf-8")
        (paths / "demo" / "CHANGELOG.md").write_text("## 1.0.0\n", encoding="utf-8")
        if text is not None:
            (folder / "recipe.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        for name, content in (files or {}).items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                file.mkdir()
            elif isinstance(content, Path):
                file.symlink_to(content)
            else:
                file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return write
