"""What every backend of the port `catalog` does. A new backend is one more entry in `BACKENDS`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from platformctl.backends.catalog import Catalog
from platformctl.backends.catalog.files import CatalogFiles
from platformctl.backends.catalog.repository import REPOSITORY, CatalogRepository
from platformctl.backends.forge.local import LocalForge
from platformctl.errors import BadConfig, Failure, Moved, Taken
from platformctl.model import Owner


def on_forge(folder: Path) -> Catalog:
    """The catalog in the repository that `init` makes for it."""
    forge = LocalForge(folder / "forge", "acme")
    with suppress(Taken):
        forge.create_repository(REPOSITORY, {"default_branch": "main"}, Owner("organisation", "run-0"))
    return CatalogRepository(forge)


BACKENDS: dict[str, Callable[[Path], Catalog]] = {
    "files": lambda folder: CatalogFiles(folder / "catalog", folder / "locks" / "catalog", "acme"),
    "repository": on_forge,
}
ME, OTHER = Owner("svc", "run-1"), Owner("other", "run-2")


def entity(name: str, description: str = "d") -> str:
    return f"kind: Component # é\nmetadata: {{name: {name}, description: {description}}}\n"


@pytest.fixture(params=BACKENDS)
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Catalog:
    found = BACKENDS[request.param](tmp_path)
    found.check()
    return found


def test_what_is_not_there_is_not_an_error(catalog: Catalog) -> None:
    assert catalog.entity("svc") is None
    assert (list(catalog.names()), list(catalog.entities())) == ([], [])
    catalog.unregister("svc", "")


def test_a_component_is_registered_as_it_is_written_and_carries_its_mark(catalog: Catalog) -> None:
    made = catalog.register("svc", entity("svc"), ME, "")
    assert (made.name, made.text, made.owner, made.listed) == ("svc", entity("svc"), ME, True)
    assert made.entities == [{"kind": "Component", "metadata": {"name": "svc", "description": "d"}}]
    assert made.place == catalog.url("svc")
    assert catalog.entity("svc") == made
    assert list(catalog.entities()) == [made]


def test_components_are_swapped(catalog: Catalog) -> None:
    first = catalog.register("svc", entity("svc"), ME, "")
    second = catalog.register("svc", entity("svc", "new"), ME, first.revision)
    for stale in ("", first.revision):
        with pytest.raises(Moved):
            catalog.register("svc", entity("svc", "other"), ME, stale)
        with pytest.raises(Moved):
            catalog.unregister("svc", stale)
    assert catalog.entity("svc") == second
    catalog.unregister("svc", second.revision)
    assert catalog.entity("svc") is None


def test_a_component_is_one_services(catalog: Catalog) -> None:
    made = catalog.register("svc", entity("svc"), ME, "")
    with pytest.raises(Taken):
        catalog.register("svc", entity("svc", "mine"), OTHER, made.revision)
    assert catalog.entity("svc") == made


def test_a_broken_text_is_kept_and_named_when_it_is_read(catalog: Catalog) -> None:
    made = catalog.register("svc", "kind: [", ME, "")
    assert (made.text, made.owner) == ("kind: [", ME)
    assert catalog.entity("svc") == made
    with pytest.raises(BadConfig, match="svc"):
        _ = made.entities


@pytest.mark.parametrize("name", ["../x", "a/b", "", "A", ".x", "-x", "x\n", "a" * 64])
def test_names_that_could_leave_the_catalog_are_refused(name: str, catalog: Catalog) -> None:
    for call in (catalog.entity, catalog.url, lambda name: catalog.register(name, "x", ME, "")):
        with pytest.raises(Failure):
            call(name)


@pytest.mark.parametrize("backend", BACKENDS)
def test_twenty_at_once_lose_nothing_and_all_are_listed(backend: str, tmp_path: Path) -> None:
    names = [f"svc-{number:02}" for number in range(20)]
    problems: list[Exception] = []

    def register(name: str) -> None:
        try:
            BACKENDS[backend](tmp_path).register(name, entity(name), Owner(name, "run"), "")
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=register, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    found = BACKENDS[backend](tmp_path).entities()
    assert [(one.name, one.listed) for one in found] == [(name, True) for name in names]


def test_what_platformctl_registered_last_is_told_from_what_somebody_edited(catalog: Catalog) -> None:
    made = catalog.register("svc", entity("svc"), ME, "")
    assert catalog.as_left("svc") and not catalog.as_left("other")
    edited = edit(catalog, made.text, made.text.replace("description: d", "description: mine"))
    assert not catalog.as_left("svc")
    edit(catalog, edited, made.text)
    assert catalog.as_left("svc")


def edit(catalog: Catalog, old: str, new: str) -> str:
    """Somebody edits the component `svc` by hand; gives its text then."""
    if isinstance(catalog, CatalogFiles):
        Path(catalog.url("svc")).write_text(new)
        return new
    assert isinstance(catalog, CatalogRepository)
    forge, path = catalog._forge, "components/svc.yaml"
    content, blob = forge.file(REPOSITORY, "main", path) or (b"", "")
    forge.put_file(REPOSITORY, "main", path, content.replace(old.encode(), new.encode()), blob, "By hand\n")
    return new


def test_a_catalog_in_git_knows_who_it_was(tmp_path: Path) -> None:
    catalog = on_forge(tmp_path)
    made = catalog.register("svc", entity("svc"), ME, "")
    first = catalog.trace("svc")
    edit(catalog, made.text, made.text + "# mine\n")
    then = catalog.trace("svc")
    assert first and then and (first.ours, then.ours) == (True, False)
    assert catalog.trace("other") is None


# What follows is about the folder, which other programs read.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "catalog"


@pytest.fixture
def files(tmp_path: Path, folder: Path) -> CatalogFiles:
    """A catalog with two components."""
    made = CatalogFiles(folder, tmp_path / "locks" / "catalog", "acme")
    made.register("svc", entity("svc"), ME, "")
    made.register("other", entity("other"), OTHER, "")
    return made


def revision(files: CatalogFiles, name: str) -> str:
    found = files.entity(name)
    assert found is not None
    return found.revision


def listed(folder: Path) -> list[str]:
    targets: list[str] = yaml.safe_load((folder / "all.yaml").read_text())["spec"]["targets"]
    return targets


def below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_the_list_is_derived_and_the_last_one_leaves_nothing(files: CatalogFiles, folder: Path) -> None:
    assert listed(folder) == ["./components/other.yaml", "./components/svc.yaml"]
    neighbour = (folder / "components" / "other.yaml").read_bytes()
    files.unregister("svc", revision(files, "svc"))
    assert listed(folder) == ["./components/other.yaml"]
    assert (folder / "components" / "other.yaml").read_bytes() == neighbour
    files.unregister("other", revision(files, "other"))
    assert list(folder.iterdir()) == []  # the folder itself may be the organisation's


@pytest.mark.parametrize("damage", ["", "spec: [", "spec: {targets: x}", "[]", "spec: {targets: [./components/svc]}"])
def test_a_component_that_is_not_listed_is_seen_and_listed_again(
    damage: str, files: CatalogFiles, folder: Path
) -> None:
    whole = (folder / "all.yaml").read_text()
    head = whole.splitlines(keepends=True)[0]
    (folder / "all.yaml").write_text(head + damage)
    before = files.entity("svc")
    assert before is not None and not before.listed
    assert files.register("svc", before.text, ME, before.revision).listed
    assert (folder / "all.yaml").read_text() == whole


@pytest.mark.parametrize("once", [False, True], ids=["each time", "once"])
@pytest.mark.parametrize("damage", ["it", "another", "one too many", "a name that is none", "a comment"])
def test_a_component_is_listed_whatever_becomes_of_others(
    damage: str, once: bool, files: CatalogFiles, folder: Path
) -> None:
    text = (folder / "all.yaml").read_text()
    texts = {
        "it": text.replace("  - ./components/svc.yaml\n", ""),
        "another": text.replace("  - ./components/other.yaml\n", ""),
        "one too many": text + "  - ./components/third.yaml\n",
        "a name that is none": text + "  - ./components/Not A Name.yaml\n  - {a: 1}\n",
        "a comment": text + "# ours\n",
    }
    (folder / "all.yaml").write_text(texts[damage])
    (folder / "components" / "by-hand.yaml").write_text(entity("by-hand"))
    if once:
        files.look_once()
    found = {one.name: one.listed for one in files.entities()}
    assert found == {"svc": damage != "it", "other": damage != "another", "by-hand": False}


def test_a_list_that_somebody_else_wrote_is_not_touched(files: CatalogFiles, folder: Path) -> None:
    (folder / "all.yaml").write_text("mine: true\n")
    seen, before = revision(files, "svc"), below(folder)
    with pytest.raises(Taken, match="Move it away"):
        files.register("svc", entity("svc", "new"), ME, seen)
    assert (folder / "all.yaml").read_text() == "mine: true\n"
    assert (below(folder), revision(files, "svc")) == (before, seen)


def test_what_people_put_there_is_listed_and_never_taken(files: CatalogFiles, folder: Path) -> None:
    (folder / "components" / "database.yaml").write_text(entity("database"))
    (folder / "components" / "Not A Name.yaml").write_text("")
    files.unregister("other", revision(files, "other"))
    assert listed(folder) == ["./components/database.yaml", "./components/svc.yaml"]
    found = files.entity("database")
    assert found is not None and found.owner is None
    with pytest.raises(Taken):
        files.register("database", "x", ME, found.revision)


def test_what_killed_writers_left_is_swept(files: CatalogFiles, folder: Path) -> None:
    for name in ("svc", "other"):
        for draft in (
            ".all.yaml.draft",
            f"components/.{name}.yaml.draft",
            f".owners/components/.{name}.yaml.json.draft",
        ):
            (folder / draft).write_text("half")
        files.unregister(name, revision(files, name))
    assert list(folder.iterdir()) == []  # the folder itself may be the organisation's


def test_a_file_where_the_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadConfig, match="not a folder"):
        CatalogFiles(tmp_path / "file", tmp_path / "lock", "acme").check()


def test_text_that_is_not_utf_8_is_said(files: CatalogFiles, folder: Path) -> None:
    (folder / "components" / "svc.yaml").write_bytes(b"\xff")
    with pytest.raises(BadConfig, match=r"svc\.yaml: not UTF-8"):
        files.entity("svc")


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ({"organisation": "acme"}, "home/catalog/acme"),
        ({"organisation": "acme", "catalog": {"kind": "files"}}, "home/catalog/acme"),
        ({"organisation": "acme", "catalog": {"kind": "files", "folder": "/srv/catalog"}}, "/srv/catalog"),
    ],
)
def test_the_platform_says_where_it_is(platform: dict[str, object], folder: str, tmp_path: Path) -> None:
    made = CatalogFiles.configured(platform, tmp_path / "home")
    assert made.url("svc") == str(tmp_path / folder / "components" / "svc.yaml")
