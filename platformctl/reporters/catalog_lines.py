"""The catalog as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from platformctl.commands.catalog import Component
from platformctl.commands.dependencies import Dependencies
from platformctl.reporters.lines import Line, Span

_EMPTY: Final = "There is nothing in the catalog yet."


def component_lines(components: Sequence[Component], team: str = "") -> Iterator[Line]:
    """A table of components; with a team, of those that are this team's."""
    if not components:
        yield [("", f"Team {team} owns nothing in the catalog." if team else _EMPTY)]
        return
    width = {
        field: max(len(getattr(component, field)) for component in components)
        for field in ("name", "type", "team", "tier", "lifecycle")
    }
    for component in components:
        name, *rest = (f"{getattr(component, field):<{wide}}  " for field, wide in width.items())
        yield [("strong", name), ("quiet", "".join(rest)), ("", component.description)]


def component_detail_lines(component: Component, dependencies: Dependencies) -> Iterator[Line]:
    """One component: whose it is, where everything is, what it needs and what needs it."""
    yield [("strong", component.name), ("quiet", f"  {component.type}, {component.lifecycle}")]
    if component.description:
        yield [("", f"  {component.description}")]
    yield []
    fields = {
        "team": component.team,
        "on call": component.on_call,
        "system": component.system,
        "tier": component.tier,
        "visibility": component.visibility,
        "runs in": ", ".join(component.environments),
        "golden path": component.golden_path,
        "serves": ", ".join(component.provides_apis),
        **{title.lower(): url for title, url in component.links.items()},
        "entity": component.place,
    }
    width = max(map(len, fields))
    yield from ([("quiet", f"  {label:<{width}}  "), ("", text)] for label, text in fields.items() if text)
    yield from _section("Depends on", [_known(name, dependencies) for name in component.depends_on])
    yield from _section("Depended on by", [[("", name)] for name in dependencies.dependents[component.name]])


def graph_lines(dependencies: Dependencies) -> Iterator[Line]:
    """Who depends on whom, and what breaks when one is down."""
    if not dependencies.depends_on:
        yield [("", _EMPTY)]
        return
    yield [("strong", "Who depends on whom")]
    first = [name for name in dependencies.depends_on if not dependencies.dependents[name]]
    yield from _tree([*first, *(ring[0] for ring in dependencies.cycles)], dependencies)
    broken = {name: sorted(dependencies.breaks(name).keys() - {name}) for name in dependencies.dependents}
    order = sorted(filter(broken.__getitem__, broken), key=lambda name: (-len(broken[name]), name))
    width = max(map(len, order), default=0)
    rows = [[("", f"{name:<{width}}  "), ("quiet", ", ".join(broken[name]))] for name in order]
    yield from _section("What breaks when it is down", rows)
    yield from _rings(dependencies)


def service_graph_lines(name: str, dependencies: Dependencies) -> Iterator[Line]:
    """What one needs, and what breaks when it is down."""
    yield [("strong", f"What {name} depends on")]
    if dependencies.depends_on.get(name):
        yield from _tree([name], dependencies)
    else:
        yield [("quiet", "  nothing that is known" if name in dependencies.missing else "  nothing")]
    yield []
    yield [("strong", f"What breaks when {name} is down")]
    broken = {other: through for other, through in dependencies.breaks(name).items() if other != name}
    for other, through in broken.items():
        yield [("bad", f"  {other}"), ("quiet", f"  through {through}" if through != name else "")]
    if not broken:
        yield [("good", "  nothing")]
    yield from _rings(dependencies)


def _tree(roots: Sequence[str], dependencies: Dependencies) -> Iterator[Line]:
    """Everything that is reached from the roots, each opened out once."""
    opened: set[str] = set()
    for root in roots:
        waiting = [(root, 1)] if root not in opened else []
        while waiting:
            name, depth = waiting.pop()
            others = dependencies.depends_on.get(name, ())
            again = name in opened and bool(others)
            yield [("", "  " * depth), *_known(name, dependencies), ("quiet", "  (above)" if again else "")]
            if not again:
                opened.add(name)
                waiting += [(other, depth + 1) for other in reversed(others)]


def _known(name: str, dependencies: Dependencies) -> list[Span]:
    missing = name not in dependencies.depends_on
    return [("", name), *([("bad", "  not in the catalog")] if missing else [])]


def _section(title: str, rows: Sequence[Line]) -> Iterator[Line]:
    if rows:
        yield []
        yield [("strong", title)]
        yield from ([("", "  "), *row] for row in rows)


def _rings(dependencies: Dependencies) -> Iterator[Line]:
    yield from _section("They depend on one another", [[("bad", " → ".join(ring))] for ring in dependencies.cycles])
