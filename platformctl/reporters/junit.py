"""A diagnosis as JUnit's XML, which CI servers show as tests: a suite for each service, a case for each plane.

Drift is a failure, what could not be read an error. A deviation that is declared is a case that was skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from platformctl.commands.diagnosis import Diagnosis
from platformctl.engine.drift import Finding
from platformctl.model import Plane
from platformctl.page import printable
from platformctl.reporters.findings import came_about, counted, newer, on_purpose, one_line


def report(diagnoses: Sequence[Diagnosis], seconds: float) -> str:
    """What was found out about services, in `seconds`. The same diagnoses give the same text."""
    root = Xml.Element("testsuites", name="platformctl doctor", time=f"{seconds:.3f}")
    root.extend(_suite(one) for one in diagnoses)
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _suite(diagnosis: Diagnosis) -> Xml.Element:
    suite = _element("testsuite", name=diagnosis.service, time=f"{diagnosis.seconds:.3f}")
    known = [("golden path", f"{diagnosis.path} {diagnosis.version}".strip()), ("team", diagnosis.team)]
    known += [("newer", newer(one)) for one in diagnosis.due]
    known += [("note", note) for note in diagnosis.notes]
    properties = Xml.SubElement(suite, "properties")
    properties.extend(_element("property", name=name, value=value) for name, value in known if value)
    if not len(properties):
        suite.remove(properties)
    cases = [_case(diagnosis, plane) for plane in _planes(diagnosis)]
    for one in diagnosis.deviations:
        case = _element("testcase", classname=diagnosis.service, name=f"deviation {one.override.target}")
        case.append(_element("skipped", message=one_line(on_purpose(one))))
        cases.append(case)
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(sum(case.find(tag) is not None for case in cases)))
    return suite


def _planes(diagnosis: Diagnosis) -> list[Plane]:
    """The planes that were looked at, in their order."""
    seen = {plane for plane, count in diagnosis.checked if count}
    return [plane for plane in Plane if plane in seen or any(one.plane is plane for one in _wrong(diagnosis))]


def _wrong(diagnosis: Diagnosis) -> tuple[Finding, ...]:
    return (*diagnosis.drift, *diagnosis.unreadable)


def _case(diagnosis: Diagnosis, plane: Plane) -> Xml.Element:
    """One plane; it fails for drift whatever else there is."""
    case = _element("testcase", classname=diagnosis.service, name=plane.value)
    drift = [one for one in diagnosis.drift if one.plane is plane]
    unread = [one for one in diagnosis.unreadable if one.plane is plane]
    if drift:
        more = f" and {counted(len(drift) - 1, 'more', 'more')}" if len(drift) > 1 else ""
        _told(case, "failure", f"{one_line(drift[0].place)} {drift[0].drift.value}{more}", drift, drift + unread)
    elif unread:
        _told(case, "error", one_line(f"{unread[0].place}: {unread[0].reason}"), unread, unread)
    return case


def _told(case: Xml.Element, tag: str, message: str, kind: Sequence[Finding], found: Sequence[Finding]) -> None:
    classes = ", ".join(dict.fromkeys(one.drift.value for one in kind))
    element = _element(tag, message=message, type=classes)
    element.text = printable("\n".join(map(_line, found)))
    case.append(element)


def _line(found: Finding) -> str:
    """One finding in one line."""
    values = f": {found.found} → {found.expected}" if found.found or found.expected else ""
    return one_line(f"{found.severity.value}: {found.place}{values} ({came_about(found)})")


def _element(tag: str, **attributes: str) -> Xml.Element:
    return Xml.Element(tag, {name: printable(text) for name, text in attributes.items()})
