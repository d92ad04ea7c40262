import assert from "node:assert/strict";
import { LineReader } from "../../src/admit/lines.ts";
import { formatAdmission, readSet } from "../../src/admit/nft.ts";
import {
  canLeave,
  formatReply,
  formatRequest,
  MOST_SECONDS,
  parseReply,
  parseRequest,
} from "../../src/admit/protocol.ts";

Deno.test("a request is a canonical address and a number of seconds, and nothing else", () => {
  const good = ["192.0.2.1 1", "2001:db8::1 60", `255.255.255.255 ${MOST_SECONDS}`, ":: 5"];
  for (const line of good) {
    const request = parseRequest(line);
    assert.ok(request, line);
    assert.equal(formatRequest(request), `${line}\n`);
  }
  const bad = [
    "",
    " ",
    "192.0.2.1",
    "192.0.2.1 ",
    "192.0.2.1 0",
    "192.0.2.1 01",
    "192.0.2.1 -1",
    "192.0.2.1 1.5",
    "192.0.2.1 1e3",
    `192.0.2.1 ${MOST_SECONDS + 1}`,
    "192.0.2.1 99999999",
    "192.0.2.1  1",
    " 192.0.2.1 1",
    "192.0.2.1 1 ",
    "192.0.2.1 1\r",
    "192.0.2.1\t1",
    "192.0.2.1/24 1",
    "192.0.2.1-192.0.2.9 1",
    "192.0.2.01 1",
    "192.0.2 1",
    "0x7f.0.0.1 1",
    "3221225985 1",
    "256.0.0.1 1",
    "2001:DB8::1 1",
    "2001:db8:0:0:0:0:0:1 1",
    "2001:db8::1%eth0 1",
    "::1.2.3.4 1",
    "[::1] 1",
    "example.com 1",
    "192.0.2.1 }; flush ruleset; # 1",
    "192.0.2.1 1; flush",
    "$x 1",
    "@resolved6 1",
  ];
  for (const line of bad) assert.equal(parseRequest(line), undefined, JSON.stringify(line));
});

Deno.test("a reply that is none counts as a failure", () => {
  assert.equal(parseReply("ok"), undefined);
  for (const refusal of ["malformed", "reserved", "full", "ruleset", "failed"] as const) {
    assert.equal(parseReply(formatReply(refusal).trimEnd()), refusal);
  }
  for (const line of ["", "okay", "OK", "no", "no ", "no such", "ok ok", " ok"]) {
    assert.equal(parseReply(line), "failed", line);
  }
});

Deno.test("what never goes out as what it says is not admitted", () => {
  for (const address of ["192.0.2.1", "10.0.0.1", "2001:db8::1", "fe80::1", "64:ff9b::c000:201"]) {
    assert.ok(canLeave(address), address);
  }
  const staying = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
  ];
  for (const address of [...staying, "ff02::1", "::ffff:192.0.2.1"]) {
    assert.ok(!canLeave(address), address);
  }
});

Deno.test("lines come out of a stream however it is cut, until one is too long", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const whole = new LineReader();
  assert.deepEqual(whole.push(bytes("a\nbc\n\nd")), ["a", "bc", ""]);
  assert.deepEqual(whole.push(bytes("e\n")), ["de"]);
  const slow = new LineReader();
  assert.deepEqual([..."ab\ncd\n"].flatMap((one) => slow.push(bytes(one))), ["ab", "cd"]);
  const most = "x".repeat(63);
  assert.deepEqual(new LineReader().push(bytes(`${most}\n`)), [most]);
  assert.deepEqual(new LineReader().push(bytes(`a\n${most}x\nb\n`)), ["a", undefined]);
  assert.deepEqual(new LineReader().push(bytes(`a\n${most}x`)), ["a", undefined]);
  assert.deepEqual(new LineReader().push(Uint8Array.of(0xe2, 10)), ["\u00e2"]);
});

Deno.test("nft is told to change timeouts and nothing else, for each family in one go", () => {
  const timeouts = new Map([["192.0.2.1", 60], ["2001:db8::1", 5], ["192.0.2.2", 7]]);
  assert.equal(
    formatAdmission(timeouts),
    `add element inet fw_dns resolved4 { 192.0.2.1, 192.0.2.2 }
delete element inet fw_dns resolved4 { 192.0.2.1, 192.0.2.2 }
add element inet fw_dns resolved4 { 192.0.2.1 timeout 60s, 192.0.2.2 timeout 7s }
add element inet fw_dns resolved6 { 2001:db8::1 }
delete element inet fw_dns resolved6 { 2001:db8::1 }
add element inet fw_dns resolved6 { 2001:db8::1 timeout 5s }
`,
  );
  assert.equal(formatAdmission(new Map()), "");
});

Deno.test("a set is read as nft lists it, and what cannot be read is left out", () => {
  const listed = `{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"set": {"name": "resolved4",
    "elem": ["192.0.2.9", {"elem": {"val": "192.0.2.1", "timeout": 300, "expires": 299}},
    {"elem": {"val": 5, "expires": 1}}, {"elem": {"val": "192.0.2.2"}}, null]}}]}`;
  assert.deepEqual([...readSet(listed)], [["192.0.2.1", 299]]);
  for (
    const json of ["", "{", "[]", "{}", "null", '{"nftables": 1}', '{"nftables": [{"set": {}}]}']
  ) {
    assert.deepEqual([...readSet(json)], [], json);
  }
});
