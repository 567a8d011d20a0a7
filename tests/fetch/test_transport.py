"""The guard: no spelling of an address and no name leads into the private network."""

from __future__ import annotations

import ipaddress
import socket
import threading
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reformqa import FetchError, FetchRefusedError, SettingsError
from reformqa.fetch.transport import GuardedTransport, host_and_port, is_public
from reformqa.settings import FetchSettings, load_settings
from support import paper_server as ps

PRIVATE = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("172.16.0.0/12", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
    *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32", "192.0.0.0/24"),
]
INSIDE = st.sampled_from(PRIVATE).flatmap(lambda n: st.ip_addresses(v=4, network=n))
GUARD = GuardedTransport()


def spelt(address: ipaddress.IPv4Address, way: str) -> str:
    """Return a spelling of an address, as the C library reads it (inet_aton) or inside IPv6."""
    number, parts = int(address), str(address).split(".")
    return {
        "dotted": str(address),
        "decimal": str(number),
        "hexadecimal": hex(number),
        "octal": ".".join(f"0{int(p):o}" for p in parts),
        "short": f"{parts[0]}.{number & 0xFFFFFF}",
        "mapped": f"[::ffff:{address}]",
        "mapped, in hexadecimal": f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]",
        "compatible": f"[::{address}]",
        "6to4": f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]",
        "NAT64": f"[64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}]",
    }[way]


WAYS = (
    *("dotted", "decimal", "hexadecimal", "octal", "short", "mapped"),
    *("mapped, in hexadecimal", "compatible", "6to4", "NAT64"),
)


@given(INSIDE, st.sampled_from(WAYS), st.sampled_from(["http", "https"]))
@example(ipaddress.IPv4Address("169.254.169.254"), "mapped", "http")
@example(ipaddress.IPv4Address("168.63.129.16"), "dotted", "http")
@example(ipaddress.IPv4Address("192.0.0.192"), "NAT64", "http")
def test_no_spelling_of_a_private_address_passes(
    address: ipaddress.IPv4Address, way: str, scheme: str
):
    with pytest.raises((FetchRefusedError, httpx.InvalidURL)):
        GUARD.allowed(httpx.URL(f"{scheme}://{spelt(address, way)}/w.pdf"))


@given(st.ip_addresses(v=6))
def test_of_ipv6_only_what_is_given_to_hosts_passes(address: ipaddress.IPv6Address):
    if is_public(address):
        carried = address in ipaddress.IPv6Network("64:ff9b::/96") or address.ipv4_mapped
        assert carried or 0x2000 <= int(address) >> 112 <= 0x3FFF


@pytest.mark.parametrize(
    "address",
    [
        *("::", "::1", "::8.8.8.8", "fe80::1", "fe80::1%lo", "fec0::1", "fc00::1", "ff02::1"),
        *("2001:db8::1", "2001::1", "64:ff9b::7f00:1", "64:ff9b:1::8.8.8.8", "2002:a00:1::1"),
        *("::ffff:10.0.0.1", "100::1", "4000::1"),
    ],
)
def test_a_special_address_of_ipv6_is_not_public(address: str):
    assert not is_public(ipaddress.IPv6Address(address))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
)
def test_a_public_address_is_public(address: str):
    assert is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    assert GUARD.allowed(httpx.URL(f"https://{host}/")) == [ipaddress.ip_address(address)]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://8.8.8.8:8080/", "requested at port 8080"),
        ("https://8.8.8.8:22/", "requested at port 22"),
        ("http://me@8.8.8.8/", "user name or password"),
        ("gopher://8.8.8.8/", "not a web address"),
        ("file:///etc/passwd", "not a web address"),
        ("//8.8.8.8/", "not a web address"),
        ("http:///w.pdf", "not a web address"),
        ("http://xn--/w.pdf", "not a web address"),
        ("http://[bad/w.pdf", "not a web address"),
        ("http://[fe80::1%25lo]/w.pdf", "not a web address"),
    ],
)
def test_an_address_of_another_form_is_refused(url: str, reason: str):
    with pytest.raises(FetchRefusedError, match=reason) as error:
        GUARD.allowed(httpx.URL(url))
    assert "me@" not in str(error.value)


@pytest.mark.parametrize(
    ("private", "url", "passes"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000/", True),
        ("127.0.0.1:8000", "http://127.0.0.1:8001/", False),
        ("127.0.0.1:8000", "http://127.0.0.1/", False),
        ("127.0.0.1", "http://127.0.0.1/", True),
        ("127.0.0.1", "https://127.0.0.1/", True),
        ("127.0.0.1", "http://127.0.0.1:8000/", False),
        ("127.0.0.1:80", "http://127.0.0.1/", True),
        ("127.0.0.1:80", "https://127.0.0.1/", False),
        ("127.0.0.1", "http://127.0.0.2/", False),
        ("Localhost:8000", "http://LOCALHOST:8000/", True),
        ("localhost:8000", "http://127.0.0.1:8000/", False),
        ("[::1]:8000", "http://[::1]:8000/", True),
    ],
)
def test_the_own_network_is_open_as_far_as_it_is_named(private: str, url: str, passes: bool):
    guard = GuardedTransport(FetchSettings(private_hosts=(private,)).private_hosts)
    if passes:
        assert guard.allowed(httpx.URL(url))
    else:
        with pytest.raises(FetchRefusedError):
            guard.allowed(httpx.URL(url))


@given(st.from_regex(r"[A-Za-z0-9_.\-]{1,20}(:[0-9]{1,4})?", fullmatch=True))
def test_every_host_that_the_settings_take_is_read(name: str):
    FetchSettings(private_hosts=(name,))
    host, port = host_and_port(name)
    assert host == name.partition(":")[0].lower().rstrip(".")
    assert port == (int(name.partition(":")[2]) if ":" in name else None)


@pytest.mark.parametrize("name", ["http://x", "x/y", "a b", "x:99999", "x:", "me@x", "[::1", ""])
def test_what_is_no_host_is_no_setting(name: str, tmp_path):
    file = tmp_path / "reformqa.toml"
    file.write_text(f'[fetch]\nprivate_hosts = ["{name}"]\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"fetch\.private_hosts"):
        load_settings(file)


@pytest.fixture
def names(monkeypatch) -> dict[str, list[list[str]]]:
    """Replace the resolver, and return the answers that each name gives, one per look-up."""
    register: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host.endswith(".missing"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if host.endswith(".busy"):
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        if host not in register:
            assert ipaddress.ip_address(host)  # unknown names are not looked up elsewhere
            return real(host, port, *rest, **more)
        kind = socket.SOCK_STREAM
        return [(socket.AF_INET, kind, 6, "", (a, port)) for a in register[host].pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return register


def test_a_name_with_one_private_address_among_others_is_refused(names):
    names["bakers.test"] = [["8.8.8.8", "10.0.0.1"]]
    with pytest.raises(FetchRefusedError, match=r"bakers\.test is in a private network"):
        GUARD.allowed(httpx.URL("http://bakers.test/"))


@pytest.mark.parametrize(
    ("host", "kind", "reason"),
    [
        ("bakers.missing", FetchError, "There is no host bakers.missing"),
        ("bakers.busy", httpx.ConnectError, "cannot be looked up"),  # a temporary failure
    ],
)
def test_a_name_without_an_address_is_told(names, host: str, kind: type[Exception], reason: str):
    with pytest.raises(kind, match=reason):
        GUARD.allowed(httpx.URL(f"http://{host}/"))


def test_a_name_that_can_be_nobodys_is_told():
    with pytest.raises(FetchError, match="is not a valid host name"):
        GUARD.allowed(httpx.URL("http://a..b/"))


def test_a_name_is_looked_up_once_and_its_address_asked(names):
    with ps.serving() as site:
        site.has("/w.pdf", ps.gives(b"bread"))
        port = site.address.partition(":")[2]
        # A second look-up would differ, but there is none. The first address refuses connections.
        names["bakers.test"] = [["127.0.0.9", "127.0.0.1"], ["10.0.0.1"]]
        guard = GuardedTransport((f"bakers.test:{port}",))
        with httpx.Client(transport=guard, trust_env=False) as client:
            answer = client.get(f"http://bakers.test:{port}/w.pdf")
        assert (answer.text, names["bakers.test"]) == ("bread", [["10.0.0.1"]])
        assert site.asked[0][1]["host"] == f"bakers.test:{port}"
        assert answer.url.host == "bakers.test"


def test_tls_asks_for_the_name_and_not_for_its_address(names):
    names["bakers.test"] = [["127.0.0.1"]]
    with socket.create_server(("127.0.0.1", 0)) as server:
        port, heard = server.getsockname()[1], []

        def listen() -> None:
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(4096))

        thread = threading.Thread(target=listen)
        thread.start()
        guard = GuardedTransport((f"bakers.test:{port}",))
        with httpx.Client(transport=guard) as client, pytest.raises(httpx.TransportError):
            client.get(f"https://bakers.test:{port}/")
        thread.join()
    assert b"bakers.test" in heard[0]  # the server name in the first TLS message is not encrypted


def test_a_proxy_of_the_surroundings_is_not_asked(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with ps.serving() as site:
        site.has("/w.pdf", ps.gives(b"bread"))
        client = httpx.Client(transport=GuardedTransport((site.address,)), trust_env=False)
        with client:
            assert client.get(f"{site.url}/w.pdf").text == "bread"
