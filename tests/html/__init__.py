"""Whether pages are valid HTML, as html-validate sees it."""
