"""Whether anything answers at an address, told within seconds."""

from __future__ import annotations

import re
import socket

from kpitools.errors import FactsError

REACH_S = 5.0
"""How long to wait for an answer, in seconds."""
_PORTS = {"spark": 7077, "sc": 15002}
_HOST = re.compile(r"(?P<host>\[[^\]]+\]|[^:,/;]+)(?::(?P<port>\d+))?")


def check_reached(address: str) -> None:
    """Refuse an address at which nothing answers; Spark itself would try for a minute.

    An address without a host (`local[2]`, `yarn`) is not tried.

    Raises:
        FactsError: no host of the address takes a connection within seconds.

    Example:
        >>> check_reached("local[2]")
        >>> endpoints("spark://one:7077,two:7078"), endpoints("sc://host/;user_id=me")
        ([('one', 7077), ('two', 7078)], [('host', 15002)])
    """
    tried = endpoints(address)
    reasons = []
    for host, port in tried:
        try:
            with socket.create_connection((host, port), timeout=REACH_S):
                return
        except OSError as error:
            reasons.append(f"{host}:{port}: {error.strerror or error}")
    if tried:
        raise FactsError(
            "nothing answers at the address of the engine",
            where=address,
            found="; ".join(reasons),
            expected="a Spark master (spark://host:7077) or Spark Connect (sc://host:15002)",
            fix="start it, or correct 'engine' in kpitools.yaml",
        )


def endpoints(address: str) -> list[tuple[str, int]]:
    """Return the hosts and ports of an address; none where it names no host."""
    scheme, mark, rest = address.partition("://")
    if not mark or scheme not in _PORTS:
        return []
    hosts = rest.split("/")[0].split(",")
    found = [match for match in map(_HOST.fullmatch, hosts) if match is not None]
    return [(match["host"].strip("[]"), int(match["port"] or _PORTS[scheme])) for match in found]
