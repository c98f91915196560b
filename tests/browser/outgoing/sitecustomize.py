"""Python runs this as a process begins whose PYTHONPATH holds this folder: the app's server and all that it starts.

Whatever such a process asks of another computer, a name, a connection or a datagram, is refused, and written down in
the file that OUTGOING names.
"""

import ipaddress
import os
import sys
from typing import Any

RECORD = "OUTGOING"
ASKING = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
}


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: let through what stays on this computer."""
    if event not in ASKING:
        return
    address = arguments[ASKING[event]]
    host = address[0] if isinstance(address, tuple) else address
    if address is None or (isinstance(address, bytes | str) and event in ("socket.connect", "socket.sendto")):
        return  # the socket's own peer, or a file on this computer
    if not is_here(host):
        with open(os.environ[RECORD], "a", encoding="utf-8") as record:
            record.write(f"{event} {address} {sys.argv[:3]}\n")
        raise ConnectionRefusedError(f"{host} is another computer")


def is_here(host: Any) -> bool:
    """Whether that is a name or an address of this computer."""
    host = host.decode() if isinstance(host, bytes) else host
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


if os.environ.get(RECORD):
    sys.addaudithook(refuse)
