"""A failure on purpose: `platformctl prove` wants to see what it sets off."""


async def failure() -> None:
    """Fail as a bug would. The route is there only while `SERVICE_DRILL` is `on`."""
    raise RuntimeError("this is a drill")
