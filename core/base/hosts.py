"""Which hosts may ask."""

import ipaddress


def is_loopback(address: str) -> bool:
    """Whether an address is of this computer and reached from nowhere else; a name is not."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
