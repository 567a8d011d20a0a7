"""Which addresses may be fetched from: the guard against being sent into the own network.

A name is resolved once, every address it stands for is checked, and the connection goes to an
address that was checked: a name that changes its mind between the two (DNS rebinding) gains
nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import httpx

from reformqa.errors import FetchError, FetchRefusedError

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS = {"http": 80, "https": 443}
#: What is assigned to hosts anywhere (RFC 4291, 2.4); all else of IPv6 is special.
_UNICAST = ipaddress.IPv6Network("2000::/3")
#: IPv6 addresses that carry one of IPv4 in their last 32 bits: mapped (RFC 4291), NAT64 (RFC 6052).
_CARRIERS = (ipaddress.IPv6Network("::ffff:0:0/96"), ipaddress.IPv6Network("64:ff9b::/96"))


class GuardedTransport(httpx.BaseTransport):
    """Sends requests to public addresses, and to those that `private` names; refuses the rest.

    `private` has names or addresses ("intranet", "10.0.0.7"), whose web ports may be reached, and
    such with a port ("localhost:8000"), where that port may be.
    """

    def __init__(self, private: Iterable[str] = ()) -> None:
        self._private = {host_and_port(name) for name in private}
        # No connection is kept: one to an address would serve every name that shares it, with the
        # certificate of the first.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._inner = httpx.HTTPTransport(trust_env=False, limits=limits)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the first of its host's addresses that takes the connection.

        Raises FetchRefusedError where the guard forbids it, FetchError where the host has no
        address, and what httpx raises where the connection fails.
        """
        failure: httpx.ConnectError | httpx.ConnectTimeout | None = None
        for address in self.allowed(request.url):
            try:
                return self._inner.handle_request(_sent_to(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        assert failure is not None  # a name that resolves has an address
        raise failure

    def allowed(self, url: httpx.URL) -> list[Ip]:
        """The addresses of a URL's host, all of them allowed; raises as `handle_request` does."""
        check_form(url)
        name, port = url.raw_host.decode("ascii"), url.port or PORTS[url.scheme]
        host = name.lower().rstrip(".")
        named = (host, port) in self._private or (
            (host, None) in self._private and port in PORTS.values()
        )
        if not named and port not in PORTS.values():
            raise FetchRefusedError(
                f"{url.host} is asked for at port {port}. Where that is meant, add"
                f' "{url.netloc.decode()}" to the setting fetch.private_hosts.'
            )
        addresses = _resolve(name, port)
        if not named and not all(map(is_public, addresses)):
            raise FetchRefusedError(
                f"{url.host} is in a private network, or this machine. Where that is meant, add"
                f' "{url.netloc.decode()}" to the setting fetch.private_hosts.'
            )
        return addresses

    def close(self) -> None:
        """Close what is open."""
        self._inner.close()


def check_form(url: httpx.URL) -> None:
    """Raise FetchRefusedError where a URL is none of http or https, or holds a password."""
    try:
        named = bool(url.host) and "%" not in url.host
    except UnicodeError:  # a name in Punycode that is none
        named = False
    if url.scheme not in PORTS or not named:
        raise FetchRefusedError(f"{bare(url)} is no web address. Give one of http or https.")
    if url.userinfo:
        raise FetchRefusedError(
            f"The address at {url.host} holds a user name or password. Give one without."
        )


def is_public(address: Ip) -> bool:
    """Whether an address is one of the public network, and of one host.

    An IPv6 address that carries one of IPv4 (mapped, NAT64, 6to4) is judged by that one.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved
    if any(address in carrier for carrier in _CARRIERS):
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour is not None:
        return is_public(address.sixtofour)
    return address.is_global and address in _UNICAST


def host_and_port(name: str) -> tuple[str, int | None]:
    """The host, and the port where there is one, of "host", "host:port" or "[::1]:port"."""
    parts = urlsplit(f"//{name}")
    return (parts.hostname or "").rstrip("."), parts.port


def bare(url: httpx.URL) -> str:
    """An address as it may be shown: without user name, password and fragment."""
    return str(url.copy_with(userinfo=b"", fragment=None))


def _sent_to(request: httpx.Request, address: Ip) -> httpx.Request:
    """The request for that address; the host's name stays in its header, and in TLS."""
    name = request.url.raw_host.decode("ascii")
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": name},
    )


def _resolve(host: str, port: int) -> list[Ip]:
    """The addresses that a name stands for, the preferred one first."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise httpx.ConnectError(f"the name {host} cannot be looked up") from error
        raise FetchError(f"There is no host {host}. Check the address.") from error
    except UnicodeError as error:
        raise FetchError(f"{host} cannot be a host's name. Check the address.") from error
    # The zone of a link-local address stays on ("fe80::1%eth0"), and such an address is refused.
    return list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in found))
