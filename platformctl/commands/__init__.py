"""What each command does: one file a command, without a terminal in sight."""
