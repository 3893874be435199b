"""Times of platformctl beside their floors, taken in one run: `make bench`, or `python -m bench --help`."""
