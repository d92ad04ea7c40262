import assert from "node:assert/strict";
import { parsePolicy, PolicyError } from "../../src/policy/mod.ts";

const UPSTREAM = '[[upstream]]\naddress = "9.9.9.9"\n';

/** What every kind of wrong policy prints, to the letter. */
const CASES: readonly { what: string; toml: string; prints: string }[] = [
  {
    what: "an empty file",
    toml: ``,
    prints: `policy.toml:1:1: no upstream: write [[upstream]] and under it address = "9.9.9.9:53"`,
  },
  {
    what: "no upstream",
    toml: `allow = ["example.com"]`,
    prints: `policy.toml:1:1: no upstream: write [[upstream]] and under it address = "9.9.9.9:53"`,
  },
  {
    what: "metrics at every address",
    toml: `${UPSTREAM}[metrics]
address = "0.0.0.0:9153"
`,
    prints:
      `policy.toml:4:11: metrics.address: "0.0.0.0:9153" is every address of this host: write the address at which it is to be read, like "127.0.0.1:9153"`,
  },
  {
    what: "metrics at every IPv6 address",
    toml: `${UPSTREAM}[metrics]
address = "[::]:9153"
`,
    prints:
      `policy.toml:4:11: metrics.address: "[::]:9153" is every address of this host: write the address at which it is to be read, like "[::1]:9153"`,
  },
  {
    what: "metrics without a port",
    toml: `${UPSTREAM}[metrics]
address = "127.0.0.1"
`,
    prints:
      `policy.toml:4:11: metrics.address: "127.0.0.1": a port is needed: write "127.0.0.1:9153"`,
  },
  {
    what: "metrics at a name",
    toml: `${UPSTREAM}[metrics]
address = "localhost:9153"
`,
    prints:
      `policy.toml:4:11: metrics.address: "localhost:9153": an IP address is needed, not a name: write one like "127.0.0.1:53" or "[::1]:53"`,
  },
  {
    what: "metrics where clients ask",
    toml: `${UPSTREAM}[listen]
addresses = ["127.0.0.1:5300"]
[metrics]
address = "127.0.0.1:5300"
`,
    prints:
      `policy.toml:6:11: metrics.address: "127.0.0.1:5300" stands here a second time: keep one, the first is at 4:14`,
  },
  {
    what: "an unknown key of metrics",
    toml: `${UPSTREAM}[metrics]
port = 9153
`,
    prints: `policy.toml:4:1: metrics.port: unknown key: write one of address`,
  },
  {
    what: "an empty upstream list",
    toml: `upstream = []`,
    prints:
      `policy.toml:1:12: upstream: an empty list: write one like [[upstream]] with address = "9.9.9.9:53"`,
  },
  {
    what: "no TOML",
    toml: `allow = ["a.example"
[listen`,
    prints: `policy.toml:2:1: not TOML: expected comma or end of structure

1:  allow = ["a.example"
2:  [listen
    ^`,
  },
  {
    what: "a key twice",
    toml: `unlisted = "drop"
unlisted = "refused"
`,
    prints: `policy.toml:2:1: not TOML: trying to redefine an already defined table or value

1:  unlisted = "drop"
2:  unlisted = "refused"
    ^`,
  },
  {
    what: "an unknown key",
    toml: `alow = ["example.com"]
${UPSTREAM}`,
    prints:
      `policy.toml:1:1: alow: unknown key: write one of mode, unlisted, types, allow, allow_files, watch, listen, upstream, query, cache, hermetic, answers, run_as, sandbox, budget, log, metrics, learn, rule, test`,
  },
  {
    what: "an unknown table",
    toml: `[listne]
addresses = ["127.0.0.1:53"]
${UPSTREAM}`,
    prints:
      `policy.toml:1:2: listne: unknown key: write one of mode, unlisted, types, allow, allow_files, watch, listen, upstream, query, cache, hermetic, answers, run_as, sandbox, budget, log, metrics, learn, rule, test`,
  },
  {
    what: "an unknown key in a table",
    toml: `${UPSTREAM}adress = "1.1.1.1"
`,
    prints:
      `policy.toml:3:1: upstream[1].adress: unknown key: write one of name, address, transport, tls_name, ca_file, pin`,
  },
  {
    what: "an unknown key in a rule",
    toml: `${UPSTREAM}[[rule]]
name = "example.com"
type = ["A"]
`,
    prints:
      `policy.toml:5:1: rule[1].type: unknown key: write one of name, upstream, types, mode, min_ttl, private, within, labels, expires, comment`,
  },
  {
    what: "every unknown key, not the first alone",
    toml: `foo = 1
bar = 2
${UPSTREAM}[listen]
x = 1
y = 2
[[upstreams]]
address = "9.9.9.9"
[queries]
`,
    prints:
      `policy.toml:1:1: foo: unknown key: write one of mode, unlisted, types, allow, allow_files, watch, listen, upstream, query, cache, hermetic, answers, run_as, sandbox, budget, log, metrics, learn, rule, test
policy.toml:2:1: bar: unknown key: write one of mode, unlisted, types, allow, allow_files, watch, listen, upstream, query, cache, hermetic, answers, run_as, sandbox, budget, log, metrics, learn, rule, test
policy.toml:6:1: listen.x: unknown key: write one of addresses, clients, tcp_connections, tcp_idle
policy.toml:7:1: listen.y: unknown key: write one of addresses, clients, tcp_connections, tcp_idle
policy.toml:8:3: upstreams: unknown key: write one of mode, unlisted, types, allow, allow_files, watch, listen, upstream, query, cache, hermetic, answers, run_as, sandbox, budget, log, metrics, learn, rule, test
policy.toml:10:2: queries: unknown key: write one of mode, unlisted, types, allow, allow_files, watch, listen, upstream, query, cache, hermetic, answers, run_as, sandbox, budget, log, metrics, learn, rule, test`,
  },
  {
    what: "a key that slipped below a table",
    toml: `${UPSTREAM}[listen]
addresses = ["127.0.0.1:53"]
allow = ["a.example"]
`,
    prints:
      `policy.toml:5:1: listen.allow: allow is no key of listen: write it above the first [table] of the file`,
  },
  {
    what: "a list in place of a text",
    toml: `unlisted = ["drop"]
${UPSTREAM}`,
    prints: `policy.toml:1:12: unlisted: write one of "drop", "refused", "nxdomain"`,
  },
  {
    what: "an unknown action",
    toml: `unlisted = "allow"
${UPSTREAM}`,
    prints: `policy.toml:1:12: unlisted: write one of "drop", "refused", "nxdomain"`,
  },
  {
    what: "a text in place of a list",
    toml: `allow = "example.com"
${UPSTREAM}`,
    prints: `policy.toml:1:9: allow: a list is needed: write one like ["example.com"]`,
  },
  {
    what: "a number in place of a name",
    toml: `allow = [7]
${UPSTREAM}`,
    prints: `policy.toml:1:10: allow[1]: a string is needed: write one like "example.com"`,
  },
  {
    what: "a text in place of a table",
    toml: `listen = "127.0.0.1:53"
${UPSTREAM}`,
    prints:
      `policy.toml:1:10: listen: a table is needed here, with keys among addresses, clients, tcp_connections, tcp_idle`,
  },
  {
    what: "a list in place of a table",
    toml: `listen = ["127.0.0.1:53"]
${UPSTREAM}`,
    prints:
      `policy.toml:1:10: listen: a table is needed here, with keys among addresses, clients, tcp_connections, tcp_idle`,
  },
  {
    what: "a list of tables in place of a table",
    toml: `${UPSTREAM}[[cache]]
stale = "0s"
`,
    prints:
      `policy.toml:3:1: cache: a table is needed here, with keys among min_ttl, max_ttl, stale`,
  },
  {
    what: "a table in place of a list of tables",
    toml: `[rule]
name = "example.com"
${UPSTREAM}`,
    prints: `policy.toml:1:1: rule: a list is needed: write one like [[rule]]`,
  },
  {
    what: "every name",
    toml: `allow = ["*", "**", "*.", "**."]
${UPSTREAM}`,
    prints: `policy.toml:1:10: allow[1]: "*" would allow every name: write one like "*.example.com"
policy.toml:1:15: allow[2]: "**" would allow every name: write one like "*.example.com"
policy.toml:1:21: allow[3]: "*." would allow every name: write one like "*.example.com"
policy.toml:1:27: allow[4]: "**." would allow every name: write one like "*.example.com"`,
  },
  {
    what: "a star that is not the first label",
    toml:
      `allow = ["a*.example.com", "a.*.example.com", "foo.*", "*.*.example.com", "***.example.com"]
${UPSTREAM}`,
    prints:
      `policy.toml:1:10: allow[1]: "a*.example.com": "*" or "**" can only be the whole first label: write "*.example.com"
policy.toml:1:28: allow[2]: "a.*.example.com": "*" or "**" can only be the whole first label: list the names that you need
policy.toml:1:47: allow[3]: "foo.*": "*" or "**" can only be the whole first label: list the names that you need
policy.toml:1:56: allow[4]: "*.*.example.com": "*" or "**" can only be the whole first label: write "**.example.com"
policy.toml:1:75: allow[5]: "***.example.com": "*" or "**" can only be the whole first label: write "*.example.com"`,
  },
  {
    what: "an empty name",
    toml: `allow = ["", ".", "..", "*..x"]
${UPSTREAM}`,
    prints: `policy.toml:1:10: allow[1]: "": a name is needed: write one like "example.com"
policy.toml:1:14: allow[2]: ".": a name is needed: write one like "example.com"
policy.toml:1:19: allow[3]: "..": an empty label: write "example.com"
policy.toml:1:25: allow[4]: "*..x": after "*.", ".x": an empty label: write "x"`,
  },
  {
    what: "an empty label",
    toml: `allow = ["a..example.com", ".example.com"]
${UPSTREAM}`,
    prints: `policy.toml:1:10: allow[1]: "a..example.com": an empty label: write "a.example.com"
policy.toml:1:28: allow[2]: ".example.com": an empty label: write "example.com"`,
  },
  {
    what: "an international name",
    toml: `allow = ["bücher.example", "*.例え.jp", "Kelvin.example"]
${UPSTREAM}`,
    prints:
      `policy.toml:1:10: allow[1]: "bücher.example": write it in its ASCII form, "xn--bcher-kva.example"
policy.toml:1:28: allow[2]: "*.例え.jp": after "*.", "例え.jp": write it in its ASCII form, "xn--r8jz45g.jp"
policy.toml:1:39: allow[3]: "Kelvin.example": write it in its ASCII form, "kelvin.example"`,
  },
  {
    what: "a page's address",
    toml: `allow = ["https://example.com/index.html"]
${UPSTREAM}`,
    prints:
      `policy.toml:1:10: allow[1]: "https://example.com/index.html": a name, not an address of a page: write "example.com"`,
  },
  {
    what: "a name with a port",
    toml: `allow = ["example.com:443", "example.com/path"]
${UPSTREAM}`,
    prints:
      `policy.toml:1:10: allow[1]: "example.com:443": ":" cannot be in a name (letters, digits, - and _ only): write "example.com"
policy.toml:1:29: allow[2]: "example.com/path": "/" cannot be in a name (letters, digits, - and _ only): write "example.com"`,
  },
  {
    what: "an address in place of a name",
    toml: `allow = ["10.0.0.1"]
${UPSTREAM}`,
    prints:
      `policy.toml:1:10: allow[1]: "10.0.0.1": an IP address is no name: write the name that clients ask for`,
  },
  {
    what: "an address of one link",
    toml: `${UPSTREAM}[listen]
addresses = ["[fe80::1%eth0]:53"]
`,
    prints:
      `policy.toml:4:14: listen.addresses[1]: "[fe80::1%eth0]:53": an address of one link (with %) cannot be used: write one without`,
  },
  {
    what: "an upstream twice",
    toml: `${UPSTREAM}${UPSTREAM}`,
    prints:
      `policy.toml:4:11: upstream[2].address: "9.9.9.9" stands here a second time: keep one, the first is at 2:11`,
  },
  {
    what: "odd characters",
    toml:
      `allow = ["exa mple.com", "a@b.example", "a\\u0000b.example", "a\\u001b[31mb", "a\\u202eb"]
${UPSTREAM}`,
    prints:
      `policy.toml:1:10: allow[1]: "exa mple.com": " " cannot be in a name (letters, digits, - and _ only)
policy.toml:1:26: allow[2]: "a@b.example": "@" cannot be in a name (letters, digits, - and _ only): write "b.example"
policy.toml:1:41: allow[3]: "a\\u0000b.example": a name has letters, digits, - and _ only
policy.toml:1:61: allow[4]: "a\\u001b[31mb": a name has letters, digits, - and _ only
policy.toml:1:77: allow[5]: "a\\u202eb": a name has letters, digits, - and _ only`,
  },
  {
    what: "a long label",
    toml: `allow = ["${"a".repeat(64)}.example"]
${UPSTREAM}`,
    prints: `policy.toml:1:10: allow[1]: "${
      "a".repeat(64)
    }.example": a label of 64 letters: write at most 63`,
  },
  {
    what: "a long name",
    toml: `allow = ["${new Array(128).fill("a").join(".")}"]
${UPSTREAM}`,
    prints: `policy.toml:1:10: allow[1]: "${
      new Array(128).fill("a").join(".")
    }": a name of 255 letters: write at most 253`,
  },
  {
    what: "a name twice",
    toml: `allow = ["example.com", "Example.COM."]
[[rule]]
name = "example.com"
${UPSTREAM}`,
    prints:
      `policy.toml:1:25: allow[2]: "Example.COM." stands here a second time: keep one, the first is at 1:10
policy.toml:3:8: rule[1].name: "example.com" stands here a second time: keep one, the first is at 1:10`,
  },
  {
    what: "no name",
    toml: `${UPSTREAM}[[rule]]
types = ["A"]
`,
    prints: `policy.toml:3:1: rule[1]: the key name is missing: write name = "example.com"`,
  },
  {
    what: "an unknown type",
    toml: `types = ["A", "AAAAA", 1]
${UPSTREAM}`,
    prints:
      `policy.toml:1:15: types[2]: "AAAAA" is no record type: write one like "AAAA" or "TYPE65"
policy.toml:1:24: types[3]: a string is needed: write one like "AAAA"`,
  },
  {
    what: "types that are no records",
    toml: `${UPSTREAM}[[rule]]
name = "example.com"
types = ["ANY", "AXFR", "IXFR", "OPT", "TSIG", "TKEY", "TYPE255"]
`,
    prints:
      `policy.toml:5:10: rule[1].types[1]: "ANY" cannot be allowed: write the types that clients need, like "A"
policy.toml:5:17: rule[1].types[2]: "AXFR" cannot be allowed: write the types that clients need, like "A"
policy.toml:5:25: rule[1].types[3]: "IXFR" cannot be allowed: write the types that clients need, like "A"
policy.toml:5:33: rule[1].types[4]: "OPT" cannot be allowed: write the types that clients need, like "A"
policy.toml:5:40: rule[1].types[5]: "TSIG" cannot be allowed: write the types that clients need, like "A"
policy.toml:5:48: rule[1].types[6]: "TKEY" cannot be allowed: write the types that clients need, like "A"
policy.toml:5:56: rule[1].types[7]: "TYPE255" cannot be allowed: write the types that clients need, like "A"`,
  },
  {
    what: "no types",
    toml: `types = []
${UPSTREAM}`,
    prints: `policy.toml:1:9: types: an empty list: write one like ["A", "AAAA"]`,
  },
  {
    what: "every address",
    toml: `${UPSTREAM}[listen]
addresses = ["0.0.0.0:53", "[::]:53"]
`,
    prints:
      `policy.toml:4:14: listen.addresses[1]: "0.0.0.0:53" is every address of this host: write the address that clients use, like "127.0.0.1:53"
policy.toml:4:28: listen.addresses[2]: "[::]:53" is every address of this host: write the address that clients use, like "[::1]:53"`,
  },
  {
    what: "no address",
    toml: `${UPSTREAM}[listen]
addresses = []
`,
    prints: `policy.toml:4:13: listen.addresses: an empty list: write one like ["127.0.0.1:53"]`,
  },
  {
    what: "addresses that are none",
    toml: `${UPSTREAM}[listen]
addresses = ["localhost:53", "::1", "127.0.0.1:99999", "[::ffff:127.0.0.1]:53", "224.0.0.1:53", "127.1", ""]
`,
    prints:
      `policy.toml:4:14: listen.addresses[1]: "localhost:53": an IP address is needed, not a name: write one like "127.0.0.1:53" or "[::1]:53"
policy.toml:4:30: listen.addresses[2]: "::1": an IPv6 address stands in brackets: write "[::1]:53"
policy.toml:4:37: listen.addresses[3]: "127.0.0.1:99999": a port is a number from 0 to 65535: write "127.0.0.1:53"
policy.toml:4:56: listen.addresses[4]: "[::ffff:127.0.0.1]:53": an IPv4 address in IPv6 clothes: write "127.0.0.1:53"
policy.toml:4:81: listen.addresses[5]: "224.0.0.1:53" is no host's address: write the address that clients use, like "127.0.0.1:53"
policy.toml:4:97: listen.addresses[6]: "127.1": an IP address is needed, not a name: write one like "127.0.0.1:53" or "[::1]:53"
policy.toml:4:106: listen.addresses[7]: "": an IP address is needed, not a name: write one like "127.0.0.1:53" or "[::1]:53"`,
  },
  {
    what: "an address twice",
    toml: `${UPSTREAM}[listen]
addresses = ["127.0.0.1", "127.0.0.1:53"]
`,
    prints:
      `policy.toml:4:27: listen.addresses[2]: "127.0.0.1:53" stands here a second time: keep one, the first is at 4:14`,
  },
  {
    what: "subnets that are none",
    toml: `${UPSTREAM}[listen]
clients = ["10.0.0.1/8", "10.0.0.0/33", "everyone", "::1/129"]
`,
    prints:
      `policy.toml:4:12: listen.clients[1]: "10.0.0.1/8": bits are set after /8: write "10.0.0.0/8"
policy.toml:4:26: listen.clients[2]: "10.0.0.0/33": at most /32: write "10.0.0.0/32"
policy.toml:4:41: listen.clients[3]: "everyone": a subnet is needed: write one like "10.0.7.0/24" or "::1/128"
policy.toml:4:53: listen.clients[4]: "::1/129": at most /128: write "::1/128"`,
  },
  {
    what: "limits out of range",
    toml: `${UPSTREAM}[listen]
tcp_connections = 0
tcp_idle = "2h"
[query]
timeout = "5s"
tries = 21
in_flight = 1.5
`,
    prints: `policy.toml:4:19: listen.tcp_connections: write a whole number from 1 to 10000
policy.toml:5:12: listen.tcp_idle: "2h": write a duration from "1s" to "1h"
policy.toml:7:11: query.timeout: "5s": write a duration from "10ms" to "4500ms"
policy.toml:8:9: query.tries: write a whole number from 1 to 20
policy.toml:9:13: query.in_flight: write a whole number from 1 to 60000`,
  },
  {
    what: "durations that are none",
    toml: `${UPSTREAM}[listen]
tcp_idle = 10
[query]
timeout = "900"
`,
    prints: `policy.toml:4:12: listen.tcp_idle: a string is needed: write one like "10s"
policy.toml:6:11: query.timeout: "900" is no duration: write one like "500ms", "30s", "5m" or "1h"`,
  },
  {
    what: "an upstream by name",
    toml: `[[upstream]]
address = "dns.quad9.net:53"
`,
    prints:
      `policy.toml:2:11: upstream[1].address: "dns.quad9.net:53": an IP address is needed, not a name: write one like "127.0.0.1:53" or "[::1]:53"`,
  },
  {
    what: "an upstream with port 0",
    toml: `[[upstream]]
address = "9.9.9.9:0"
`,
    prints:
      `policy.toml:2:11: upstream[1].address: "9.9.9.9:0": a port is a number from 1 to 65535: write "9.9.9.9:53"`,
  },
  {
    what: "an upstream that is no host",
    toml: `[[upstream]]
address = "0.0.0.0:53"
`,
    prints:
      `policy.toml:2:11: upstream[1].address: "0.0.0.0:53" is no server's address: write one like "9.9.9.9:53"`,
  },
  {
    what: "an upstream that is fw-dns itself",
    toml: `[[upstream]]
address = "127.0.0.1:53"
`,
    prints:
      `policy.toml:2:11: upstream[1].address: "127.0.0.1:53" is where fw-dns itself listens: write the address of another server`,
  },
  {
    what: "an upstream that is fw-dns itself, on another port",
    toml: `[listen]
addresses = ["[::1]:5353"]
[[upstream]]
address = "[0:0::1]:5353"
`,
    prints:
      `policy.toml:4:11: upstream[1].address: "[0:0::1]:5353" is where fw-dns itself listens: write the address of another server`,
  },
  {
    what: "an upstream without address",
    toml: `[[upstream]]
name = "quad9"
`,
    prints:
      `policy.toml:1:1: upstream[1]: the key address is missing: write address = "9.9.9.9:53"`,
  },
  {
    what: "TLS without the name to check",
    toml: `
allow = ["a.example"]
[[upstream]]
address = "9.9.9.9:853"
transport = "tls"
`,
    prints:
      'policy.toml:3:1: upstream[1]: the key tls_name is missing: write the name that the server\'s certificate shows, like tls_name = "dns.quad9.net"',
  },
  {
    what: "what only TLS can check, without TLS",
    toml: `
[[upstream]]
address = "9.9.9.9:53"
tls_name = "dns.quad9.net"
ca_file = "ca.pem"
[[upstream]]
address = "9.9.9.10:53"
transport = "tcp"
pin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
`,
    prints:
      `policy.toml:4:1: upstream[1].tls_name: nothing here would be encrypted: write transport = "tls" as well, or take it out
policy.toml:5:1: upstream[1].ca_file: nothing here would be encrypted: write transport = "tls" as well, or take it out
policy.toml:5:11: upstream[1].ca_file: ca.pem was not read
policy.toml:9:1: upstream[2].pin: nothing here would be encrypted: write transport = "tls" as well, or take it out`,
  },
  {
    what: "an address, a wildcard, an empty path and half a hash where TLS has its keys",
    toml: `
[[upstream]]
address = "9.9.9.9:853"
transport = "tls"
tls_name = "9.9.9.9"
ca_file = ""
pin = "sha256/AAAA"
[[upstream]]
address = "[2620:fe::fe]:853"
transport = "tls"
tls_name = "*.quad9.net"
pin = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
`,
    prints:
      `policy.toml:5:12: upstream[1].tls_name: "9.9.9.9" is an address: write the name in the server's certificate
policy.toml:6:11: upstream[1].ca_file: write the path of a file, like "/etc/ssl/ca.pem"
policy.toml:7:7: upstream[1].pin: "sha256/AAAA": write "sha256/" and the 44 characters of base64 that are the SHA-256 of the server's public key
policy.toml:11:12: upstream[2].tls_name: "*.quad9.net": "*" cannot be in a name (letters, digits, - and _ only)
policy.toml:12:7: upstream[2].pin: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=": write "sha256/" and the 44 characters of base64 that are the SHA-256 of the server's public key`,
  },
  {
    what: "an upstream's odd name and transport",
    toml: `[[upstream]]
name = "my dns"
address = "9.9.9.9"
transport = "quic"
`,
    prints: `policy.toml:2:8: upstream[1].name: write 1 to 64 letters, digits, dots, - or _
policy.toml:4:13: upstream[1].transport: write one of "udp", "tcp", "tls"`,
  },
  {
    what: "two upstreams of one name",
    toml: `[[upstream]]
name = "a"
address = "9.9.9.9"
[[upstream]]
name = "a"
address = "9.9.9.10"
`,
    prints:
      `policy.toml:5:8: upstream[2].name: "a" stands here a second time: keep one, the first is at 2:8`,
  },
  {
    what: "a rule for an upstream that is not there",
    toml: `[[upstream]]
name = "quad9"
address = "9.9.9.9"
[[rule]]
name = "a.example"
upstream = "quad8"
[[rule]]
name = "b.example"
upstream = 1
`,
    prints: `policy.toml:6:12: rule[1].upstream: no upstream is named "quad8": write one of "quad9"
policy.toml:9:12: rule[2].upstream: a string is needed: write the name of an [[upstream]]`,
  },
  {
    what: "a rule for an upstream, but none has a name",
    toml: `${UPSTREAM}[[rule]]
name = "a.example"
upstream = "quad9"
`,
    prints:
      `policy.toml:5:12: rule[1].upstream: no upstream is named "quad9": give an [[upstream]] this name first`,
  },
  {
    what: "a time without zone",
    toml: `${UPSTREAM}[[rule]]
name = "a.example"
expires = 2026-12-31T00:00:00
[[rule]]
name = "b.example"
expires = 2026-12-31
[[rule]]
name = "c.example"
expires = "tomorrow"
`,
    prints:
      `policy.toml:5:11: rule[1].expires: a time with its zone is needed: write one like 2026-12-31T00:00:00Z
policy.toml:8:11: rule[2].expires: a time with its zone is needed: write one like 2026-12-31T00:00:00Z
policy.toml:11:11: rule[3].expires: a date and time are needed: write one like 2026-12-31T00:00:00Z`,
  },
  {
    what: "other keys of a rule",
    toml: `${UPSTREAM}[[rule]]
name = "a.example"
private = "no"
min_ttl = "999ms"
mode = "relay"
within = []
labels = "a+"
comment = 1
`,
    prints: `policy.toml:5:11: rule[1].private: write true or false
policy.toml:6:11: rule[1].min_ttl: "999ms": write a duration from "1s" to "168h"
policy.toml:7:8: rule[1].mode: write one of "forward", "hermetic"
policy.toml:8:10: rule[1].within: an empty list: write one like ["151.101.0.0/16"]
policy.toml:9:10: rule[1].labels: "a+": at letter 2: "+": it has no bound: write {1,20}, or as many as you need
policy.toml:10:11: rule[1].comment: a string is needed: write one in quotes`,
  },
  {
    what: "a subnet in within",
    toml: `${UPSTREAM}[[rule]]
name = "a.example"
within = ["10.0.0.1/8", "example.com"]
`,
    prints:
      `policy.toml:5:11: rule[1].within[1]: "10.0.0.1/8": bits are set after /8: write "10.0.0.0/8"
policy.toml:5:25: rule[1].within[2]: "example.com": a subnet is needed: write one like "10.0.7.0/24" or "::1/128"`,
  },
  {
    what: "the tables of limits",
    toml: `${UPSTREAM}[query]
tick = "2s"
[cache]
min_ttl = "500ms"
max_ttl = "300h"
stale = "1d"
[hermetic]
rate = 0
[answers]
private = 1
[budget]
wildcards_per_hour = -1
bits_per_hour = "few"
`,
    prints: `policy.toml:4:8: query.tick: "2s": write a duration from "1ms" to "1s"
policy.toml:6:11: cache.min_ttl: "500ms": write a duration from "1s" to "168h"
policy.toml:7:11: cache.max_ttl: "300h": write a duration from "1s" to "168h"
policy.toml:8:9: cache.stale: "1d" is no duration: write one like "500ms", "30s", "5m" or "1h"
policy.toml:10:8: hermetic.rate: write a whole number from 1 to 1000
policy.toml:12:11: answers.private: write true or false
policy.toml:14:22: budget.wildcards_per_hour: write a whole number from 0 to 100000
policy.toml:15:17: budget.bits_per_hour: write a whole number from 0 to 9007199254740991`,
  },
  {
    what: "a floor above the ceiling of TTLs",
    toml: `${UPSTREAM}[cache]
min_ttl = "10m"
max_ttl = "5m"
[[rule]]
name = "a.example"
min_ttl = "1h"
`,
    prints:
      `policy.toml:4:11: cache.min_ttl: "10m" is above max_ttl: write at most "5m", or raise max_ttl
policy.toml:8:11: rule[1].min_ttl: "1h" is above [cache] max_ttl: write at most "5m", or raise max_ttl`,
  },
  {
    what: "wildcards in a hermetic policy",
    toml: `mode = "hermetic"
allow = ["a.example", "*.b.example"]
${UPSTREAM}[[rule]]
name = "**.c.example"
[[rule]]
name = "*.d.example"
mode = "forward"
`,
    prints:
      `policy.toml:2:23: allow[2]: "*.b.example" cannot be hermetic, because nobody knows beforehand which names clients ask for: take it out, and write [[rule]] with name = "*.b.example" and mode = "forward"
policy.toml:5:1: rule[1]: "**.c.example" cannot be hermetic, because nobody knows beforehand which names clients ask for: write mode = "forward" in this rule, or list the names`,
  },
  {
    what: "a wildcard that would be hermetic",
    toml: `${UPSTREAM}[[rule]]
name = "*.a.example"
mode = "hermetic"
`,
    prints:
      `policy.toml:3:1: rule[1]: "*.a.example" cannot be hermetic, because nobody knows beforehand which names clients ask for: write mode = "forward" in this rule, or list the names`,
  },
  {
    what: "labels where there is no star",
    toml: `${UPSTREAM}[[rule]]
name = "a.example"
labels = "[a-z]"
`,
    prints:
      `policy.toml:5:10: rule[1].labels: "a.example" has no * for labels to stand in: take labels out, or write "*.a.example"`,
  },
  {
    what: "more pairs than can be kept fresh",
    toml: `mode = "hermetic"
allow = ["a.example", "b.example", "c.example"]
${UPSTREAM}[hermetic]
rate = 5
[cache]
min_ttl = "1s"
`,
    prints:
      `policy.toml:6:8: hermetic.rate: 6 pairs of name and type need up to 6 emissions a second to be kept fresh, and rate lets 5: write rate = 6 under [hermetic], or a larger min_ttl`,
  },
  {
    what: "more pairs than can be kept fresh, at the rate that is the default",
    toml: `mode = "hermetic"
allow = ["n0.example", "n1.example", "n2.example", "n3.example", "n4.example", "n5.example", "n6.example", "n7.example", "n8.example", "n9.example", "n10.example", "n11.example", "n12.example", "n13.example", "n14.example", "n15.example", "n16.example", "n17.example", "n18.example", "n19.example", "n20.example"]
${UPSTREAM}[cache]
min_ttl = "2s"
`,
    prints:
      `policy.toml:1:1: hermetic.rate: 42 pairs of name and type need up to 21 emissions a second to be kept fresh, and rate lets 20: write rate = 21 under [hermetic], or a larger min_ttl`,
  },
  {
    what: "more pairs than any rate keeps fresh",
    toml: `mode = "hermetic"
allow = ${JSON.stringify(Array.from({ length: 600 }, (_, i) => `n${i}.example`))}
${UPSTREAM}[cache]
min_ttl = "1s"
`,
    prints:
      `policy.toml:1:1: hermetic.rate: 1200 pairs of name and type need up to 1200 emissions a second to be kept fresh, and rate lets 20: write a larger min_ttl`,
  },
  {
    what: "the log",
    toml: `${UPSTREAM}[log]
format = "xml"
queries = "some"
`,
    prints: `policy.toml:4:10: log.format: write one of "text", "json"
policy.toml:5:11: log.queries: write one of "denied", "all", "none"`,
  },
  {
    what: "a test that lacks what it expects",
    toml: `${UPSTREAM}[[test]]
name = "a.example"
[[test]]
name = "*.example"
type = "FOO"
expect = "maybe"
`,
    prints: `policy.toml:3:1: test[1]: the key expect is missing: write expect = "allow" or "deny"
policy.toml:6:8: test[2].name: "*.example": "*" cannot be in a name (letters, digits, - and _ only)
policy.toml:7:8: test[2].type: "FOO" is no record type: write one like "AAAA" or "TYPE65"
policy.toml:8:10: test[2].expect: write one of "allow", "deny"`,
  },
  {
    what: "several problems of several kinds, in the file's order",
    toml: `allow = ["a.example", "*"]
unlisted = "no"

[[upstream]]
address = "x"

[[rule]]
name = "a.example"
types = ["B"]
`,
    prints: `policy.toml:1:23: allow[2]: "*" would allow every name: write one like "*.example.com"
policy.toml:2:12: unlisted: write one of "drop", "refused", "nxdomain"
policy.toml:5:11: upstream[1].address: "x": an IP address is needed, not a name: write one like "127.0.0.1:53" or "[::1]:53"
policy.toml:8:8: rule[1].name: "a.example" stands here a second time: keep one, the first is at 1:10
policy.toml:9:10: rule[1].types[1]: "B" is no record type: write one like "AAAA" or "TYPE65"`,
  },
];

for (const { what, toml, prints } of CASES) {
  Deno.test(`a wrong policy: ${what}`, () => {
    assert.throws(
      () => parsePolicy(new TextEncoder().encode(toml), "policy.toml"),
      (error) => error instanceof PolicyError && (assert.equal(error.message, prints), true),
    );
  });
}

Deno.test("a wrong policy forges no line where it is told, and moves no terminal", () => {
  const message = (toml: string): string => {
    try {
      parsePolicy(new TextEncoder().encode(toml), "policy.toml");
    } catch (error) {
      return (error as PolicyError).message;
    }
    return "good";
  };
  const key = message(`"k\\n::warning::fine\\u001b[31m\\u202e" = 1\n${UPSTREAM}`);
  assert.match(key, /^policy\.toml:1:1: k\?::warning::fine\?\[31m\?: unknown key: .*$/);
  assert.equal(
    message('a = \x1b[31m"\u202ex"\n'),
    'policy.toml:1:5: not TOML: invalid value\n\n1:  a = ?[31m"?x"\n        ^',
  );
});

Deno.test("a wrong policy: not UTF-8", () => {
  const bytes = Uint8Array.from([...new TextEncoder().encode('allow = []\n# \u00fc\nx = "'), 0xff]);
  assert.throws(() => parsePolicy(bytes, "policy.toml"), {
    message: "policy.toml:3:1: not UTF-8: save the file as UTF-8 text",
  });
});

Deno.test("a wrong policy: no more than 100 problems are told, and how many more there are", () => {
  const names = JSON.stringify(Array.from({ length: 1000 }, (_, i) => `b${i}.*`));
  assert.throws(
    () => parsePolicy(new TextEncoder().encode(`allow = ${names}\n${UPSTREAM}`), "policy.toml"),
    (error: Error) => {
      const lines = error.message.split("\n");
      assert.deepEqual([lines.length, lines[100]], [101, "policy.toml: and 900 more like these"]);
      return true;
    },
  );
});
