"""Failures on purpose: `platformctl prove` wants to see what they set off."""

from app.consumer import Handler
from app.queue import Message

HEADER = "drill"


def rehearsed(handler: Handler) -> Handler:
    """Do what a message's header `drill` says, `failure` or `success`, not the work.

    Messages without it go to the handler, as ever.
    """

    async def handle(message: Message) -> None:
        match message.headers.get(HEADER):
            case "failure":
                raise RuntimeError("this is a drill")
            case "success":
                return
        await handler(message)

    return handle
