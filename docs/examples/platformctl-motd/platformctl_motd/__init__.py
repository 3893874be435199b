"""Messages of the day for platformctl: an example of a plug-in."""
