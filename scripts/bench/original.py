"""Stands in for the program that fw-dns replaces: one loop around one socket, a regular expression for the
allowlist, no cache. A query whose name matches goes to the upstream as it is, but for its ID; others are dropped.

Arguments: its port on 127.0.0.1, the port of the upstream there, and a file with one name a line.
"""

import re
import select
import socket
import sys

HEADER = 12


def read_name(packet):
    labels = []
    at = HEADER
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode("ascii"))
        at += 1 + packet[at]
    return ".".join(labels)


def main():
    port, upstream_port, names = sys.argv[1:]
    with open(names, encoding="ascii") as lines:
        alternatives = "|".join(re.escape(line.strip()) for line in lines)
    allowed = re.compile(f"^(?:{alternatives})$", re.IGNORECASE)
    clients = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    clients.bind(("127.0.0.1", int(port)))
    upstream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    upstream.connect(("127.0.0.1", int(upstream_port)))
    waiting = {}
    last = 0
    while True:
        for ready in select.select([clients, upstream], [], [])[0]:
            if ready is clients:
                packet, client = clients.recvfrom(4096)
                try:
                    name = read_name(packet)
                except (IndexError, UnicodeDecodeError):
                    continue
                if not allowed.match(name):
                    continue
                last = (last + 1) & 0xFFFF
                waiting[last] = (packet[:2], client)
                upstream.send(last.to_bytes(2, "big") + packet[2:])
            else:
                reply = upstream.recv(65535)
                known = waiting.pop(int.from_bytes(reply[:2], "big"), None)
                if known is not None:
                    clients.sendto(known[0] + reply[2:], known[1])


main()
