"""GitHub as a forge: github.com and Enterprise Server."""
