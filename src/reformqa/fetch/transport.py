"""A guard against requests into the private network (server-side request forgery).

A name is resolved once, all its addresses are checked, and the connection goes to a checked
address. A name that resolves differently the second time (DNS rebinding) therefore gains nothing.
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
#: Global addresses that lead to the machine's own cloud: Azure's platform, and the block for IETF
#: protocols (RFC 6890), in which Oracle has its metadata (192.0.0.192).
_CLOUD = (ipaddress.IPv4Network("168.63.129.16/32"), ipaddress.IPv4Network("192.0.0.0/24"))
#: The global unicast addresses (RFC 4291, 2.4). All other IPv6 addresses are special.
_UNICAST = ipaddress.IPv6Network("2000::/3")
#: IPv6 networks with an IPv4 address in the last 32 bits: mapped (RFC 4291), NAT64 (RFC 6052).
_CARRIERS = (ipaddress.IPv6Network("::ffff:0:0/96"), ipaddress.IPv6Network("64:ff9b::/96"))


class GuardedTransport(httpx.BaseTransport):
    """Sends requests to public addresses and to the hosts in `private`, and refuses all others.

    A name or address in `private` ("intranet", "10.0.0.7") allows the web ports, and one with a
    port ("localhost:8000") allows that port.
    """

    def __init__(self, private: Iterable[str] = ()) -> None:
        self._private = {host_and_port(name) for name in private}
        # Connections are not reused: one to an address would serve every name that shares the
        # address, with the certificate of the first.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._inner = httpx.HTTPTransport(trust_env=False, limits=limits)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the first of its host's addresses that accepts the connection.

        Raises FetchRefusedError if the guard forbids it, FetchError if the host has no address,
        and httpx's own errors if the connection fails.
        """
        failure: httpx.ConnectError | httpx.ConnectTimeout | None = None
        for address in self.allowed(request.url):
            try:
                return self._inner.handle_request(_sent_to(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        assert failure is not None  # a name that resolves has at least one address
        raise failure

    def allowed(self, url: httpx.URL) -> list[Ip]:
        """Return the addresses of a URL's host, all allowed. Raises as `handle_request` does."""
        check_form(url)
        name, port = url.raw_host.decode("ascii"), url.port or PORTS[url.scheme]
        host = name.lower().rstrip(".")
        named = (host, port) in self._private or (
            (host, None) in self._private and port in PORTS.values()
        )
        if not named and port not in PORTS.values():
            raise FetchRefusedError(
                f"{url.host} is requested at port {port}. If that is intended, add"
                f' "{url.netloc.decode()}" to the setting fetch.private_hosts.'
            )
        addresses = _resolve(name, port)
        if not named and not all(map(is_public, addresses)):
            raise FetchRefusedError(
                f"{url.host} is in a private network or on this machine. If that is intended, add"
                f' "{url.netloc.decode()}" to the setting fetch.private_hosts.'
            )
        return addresses

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def check_form(url: httpx.URL) -> None:
    """Raise FetchRefusedError if a URL is not http or https, or contains a password."""
    try:
        named = bool(url.host) and "%" not in url.host
    except UnicodeError:  # an invalid Punycode name
        named = False
    if url.scheme not in PORTS or not named:
        raise FetchRefusedError(f"{bare(url)} is not a web address. Use one with http or https.")
    if url.userinfo:
        raise FetchRefusedError(
            f"The address at {url.host} contains a user name or password. Remove it."
        )


def is_public(address: Ip) -> bool:
    """Return whether an address belongs to a single host on the public internet.

    An IPv6 address that contains an IPv4 address (mapped, NAT64, 6to4) is judged by the latter.
    """
    if isinstance(address, ipaddress.IPv4Address):
        special = address.is_multicast or address.is_reserved or any(address in n for n in _CLOUD)
        return address.is_global and not special
    if any(address in carrier for carrier in _CARRIERS):
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour is not None:
        return is_public(address.sixtofour)
    return address.is_global and address in _UNICAST


def host_and_port(name: str) -> tuple[str, int | None]:
    """Split "host", "host:port" or "[::1]:port" into the host and its port, None if absent."""
    parts = urlsplit(f"//{name}")
    return (parts.hostname or "").rstrip("."), parts.port


def bare(url: httpx.URL) -> str:
    """Return an address that is safe to show: without user name, password and fragment."""
    return str(url.copy_with(userinfo=b"", fragment=None))


def _sent_to(request: httpx.Request, address: Ip) -> httpx.Request:
    """Return the request sent to this address, with the host's name in its header and in TLS."""
    name = request.url.raw_host.decode("ascii")
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": name},
    )


def _resolve(host: str, port: int) -> list[Ip]:
    """Return the addresses of a name, the preferred one first."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise httpx.ConnectError(f"the name {host} cannot be looked up") from error
        raise FetchError(f"There is no host {host}. Check the address.") from error
    except UnicodeError as error:
        raise FetchError(f"{host} is not a valid host name. Check the address.") from error
    # A link-local address keeps its zone ("fe80::1%eth0") and is refused.
    return list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in found))
