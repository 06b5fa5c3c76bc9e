"""When an order can be executed, and when it ends by itself."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tws_sim.market.calendar import NEW_YORK, SessionCalendar
from tws_sim.market.hours import Session, session
from tws_sim.market.instrument import Option
from tws_sim.orders import refusal
from tws_sim.orders.product import Product
from tws_sim.orders.ticket import Ticket

_DAYS_AHEAD = 12


def is_open(product: Product, calendar: SessionCalendar, now: datetime, *, extended: bool) -> bool:
    """Whether every contract trades at an instant, in extended hours too if the order allows for them."""
    found = current_or_next(product, calendar, now, extended=extended)
    return found is not None and found.opens <= now


def current_or_next(
    product: Product, calendar: SessionCalendar, now: datetime, *, extended: bool
) -> Session | None:
    """The session all contracts share that has not ended yet; None where there is none any more."""
    today = now.astimezone(NEW_YORK).date()
    for offset in range(_DAYS_AHEAD):
        day = today + timedelta(days=offset)
        found = [session(part.item, calendar, day, regular=not extended) for part in product.parts]
        expired = any(isinstance(part.item, Option) and part.item.last_trade < day for part in product.parts)
        if expired:
            return None
        common = _overlap(one for one in found if one is not None) if None not in found else None
        if common is not None and now < common.closes:
            return common
    return None


def _overlap(found: Iterable[Session]) -> Session:
    sessions = list(found)
    return Session(sessions[0].day, max(one.opens for one in sessions), min(one.closes for one in sessions))


def expiry(ticket: Ticket, product: Product, calendar: SessionCalendar, now: datetime) -> datetime | None:
    """When an order ends by itself: the close of the session it is for, a date of its own, or never.

    Raises:
        RefusedError: there is no such session, or no such date.
    """
    coming = current_or_next(product, calendar, now, extended=ticket.flag("outsideRth"))
    if coming is None:
        raise refusal.rejected("The contract is not available for trading any more")
    if ticket.tif == "GTD":
        return good_till(ticket.text("goodTillDate"), calendar, now)
    return None if ticket.tif == "GTC" else coming.closes


def good_till(text: str, calendar: SessionCalendar, now: datetime) -> datetime:
    """The instant a goodTillDate means: ``YYYYMMDD[ HH:MM:SS[ zone]]`` or ``YYYYMMDD-HH:MM:SS`` (UTC).

    Raises:
        RefusedError: it means none, or one that is over.
    """
    try:
        found = _instant(text, calendar)
    except (ValueError, ZoneInfoNotFoundError):
        raise refusal.invalid(f"Invalid good till date {text!r}") from None
    if found <= now:
        raise refusal.rejected("The time in force has already expired")
    return found


def _instant(text: str, calendar: SessionCalendar) -> datetime:
    if "-" in text:
        return datetime.strptime(text, "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC)
    day, _, rest = text.strip().partition(" ")
    clock, _, zone = rest.strip().partition(" ")
    moment = datetime.strptime(day, "%Y%m%d").replace(tzinfo=NEW_YORK)
    if clock:
        where = ZoneInfo(zone) if zone else NEW_YORK
        return datetime.combine(moment.date(), time.fromisoformat(clock), where)
    hours = calendar.hours(moment.date())
    return hours[1] if hours else moment + timedelta(days=1)
