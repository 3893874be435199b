"""How things are shown: `rich` for people at a terminal, `plain` where there is none, `ndjson` for machines."""
