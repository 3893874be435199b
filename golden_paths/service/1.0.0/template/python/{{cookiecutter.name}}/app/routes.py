"""What the service does.

The team owns this file. It is an example: replace it.
"""

import logging
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request
from pydantic import BaseModel

logger = logging.getLogger(__name__)
router = APIRouter()


class Item(BaseModel):
    """Something the service knows about; prices are in cents."""

    item_id: int
    name: str
    price: int


ITEMS = {
    1: Item(item_id=1, name="teapot", price=2400),
    2: Item(item_id=2, name="cup", price=600),
}


@router.get("/")
async def index(request: Request) -> dict[str, str]:
    """Say which service this is, and in which version."""
    return {"service": request.app.title, "version": request.app.version}


@router.get("/items/{item_id}")
async def read_item(item_id: Annotated[int, Path(ge=1)]) -> Item:
    """Return one item, or 404 when there is none with this number."""
    item = ITEMS.get(item_id)
    if item is None:
        logger.info("item not found", extra={"item_id": item_id})
        raise HTTPException(status_code=404, detail="item not found")
    return item
