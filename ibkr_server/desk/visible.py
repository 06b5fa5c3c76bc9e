"""Who may see what: callers their own orders, operators everything. What is not yours is not there."""

from ibkr_server.orders.book import Book
from ibkr_server.orders.order import Execution, Order, Origin
from mesh.access.roles import Caller, Role
from mesh.errors import MeshError, not_found


def sees(caller: Caller, owner: str | None) -> bool:
    """Whether a caller may see what belongs to `owner`; None for orders made elsewhere."""
    return caller.role >= Role.OPERATOR or owner == caller.name


def owner_of(item: Order | Execution, book: Book) -> str | None:
    """Whose an order or a trade is; None for those made elsewhere."""
    if isinstance(item, Order):
        return item.owner if item.origin is Origin.MESH else None
    name = book.names.get(item.perm_id)
    found = None if name is None else book.records.get(name)
    return None if found is None else found.intent.owner


def absent(name: str) -> MeshError:
    """NOT_FOUND, alike for what is not there and what belongs to somebody else."""
    return not_found("order", name, "no such order of yours")
