"""Reads DNS messages with dnspython: each with its length in front (16 bits), a line for each: "ok", or why not."""

import struct
import sys

import dns.message


def judge(wire):
    try:
        message = dns.message.from_wire(wire)
        message.to_text()
        message.to_wire(max_size=65535)
    except Exception as error:
        return repr(error).replace("\n", " ")
    return "ok"


def main():
    stream = sys.stdin.buffer
    while len(head := stream.read(2)) == 2:
        print(judge(stream.read(struct.unpack("!H", head)[0])), flush=True)


main()
