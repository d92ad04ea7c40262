import assert from "node:assert/strict";
import { negotiate } from "../../src/status/metrics.ts";
import { readRequest } from "../../src/status/request.ts";

function read(first: string, ...headers: string[]): string {
  const result = readRequest([first, ...headers].join("\r\n"));
  if (result.kind === "refused") return String(result.status);
  const { method, path, accept, isForwarded } = result.request;
  return [method, path, accept, ...(isForwarded ? ["forwarded"] : [])].join(" ").trim();
}

const HOST = "Host: 127.0.0.1:9153";

Deno.test("a request is read with its path and what it accepts", () => {
  assert.equal(read("GET / HTTP/1.1", HOST), "GET /");
  assert.equal(
    read("HEAD /metrics?x=1 HTTP/1.1", HOST, "accept: a/b", "Accept: c/d"),
    "HEAD /metrics a/b, c/d",
  );
});

Deno.test("who comes by way of a proxy is known by what proxies say, and by how old their HTTP is", () => {
  for (
    const header of [
      "Via: 1.1 p",
      "X-Forwarded-For: ::1",
      "X-Forwarded-Proto: https",
      "x-forwarded-port: 443",
      "Forwarded: for=1.2.3.4",
      "X-Real-IP: x",
      "X-Original-Forwarded-For: ::1",
      "True-Client-IP: ::1",
      "CF-Connecting-IP: ::1",
      "X-Client-IP: ::1",
      "X-Cluster-Client-IP: ::1",
    ]
  ) assert.equal(read("GET / HTTP/1.1", HOST, header), "GET /  forwarded", header);
  // nginx with `proxy_pass http://127.0.0.1:9153;` and no more.
  assert.equal(read("GET / HTTP/1.0", HOST, "Connection: close"), "GET /  forwarded");
  assert.equal(read("GET / HTTP/1.1", HOST, "Connection: close"), "GET /");
});

Deno.test("a page is asked for by an address or as localhost: any other name may be somebody else's", () => {
  for (
    const host of [
      "127.0.0.1",
      "localhost",
      "LOCALHOST:8080",
      "[::1]:9153",
      "10.0.7.1:9153",
      "[fd00::1]",
    ]
  ) assert.equal(read("GET / HTTP/1.1", `Host: ${host}`), "GET /", host);
  for (
    const host of [
      "evil.example",
      "evil.example:9153",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "localhost.",
      "0x7f000001",
      "2130706433",
      "127.1",
      "[evil]",
      "[127.0.0.1]",
      "::1",
      "",
      "localhost@evil.example",
      "localhost:x",
    ]
  ) assert.equal(read("GET / HTTP/1.1", `Host: ${host}`), "421", host);
  assert.equal(read("GET / HTTP/1.1"), "421");
  assert.equal(read("GET / HTTP/1.1", HOST, "Host: localhost"), "400");
});

Deno.test("another site's page cannot have a browser ask, but may link here", () => {
  const from = (site: string, mode: string): string =>
    read("GET / HTTP/1.1", HOST, `Sec-Fetch-Site: ${site}`, `Sec-Fetch-Mode: ${mode}`);
  assert.equal(from("same-origin", "cors"), "GET /");
  assert.equal(from("none", "navigate"), "GET /");
  assert.equal(from("cross-site", "navigate"), "GET /");
  assert.equal(from("cross-site", "no-cors"), "403");
  assert.equal(from("same-site", "cors"), "403");
});

Deno.test("what is no plain request is refused", () => {
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "get"]) {
    assert.equal(read(`${method} / HTTP/1.1`, HOST), "405", method);
  }
  for (
    const line of [
      "",
      "GET /",
      "GET http://127.0.0.1/ HTTP/1.1",
      "GET / HTTP/2",
      "GET  / HTTP/1.1",
      "GET /\u0000 HTTP/1.1",
      "GET * HTTP/1.1",
      " GET / HTTP/1.1",
    ]
  ) assert.equal(read(line, HOST), "400", line);
  for (const header of ["no header", ": x", "a b: c", " folded", "A: \u0007", "A : b"]) {
    assert.equal(read("GET / HTTP/1.1", HOST, header), "400", header);
  }
});

Deno.test("blanks around a value are no part of it", () => {
  assert.equal(read("GET / HTTP/1.1", "Host: \t localhost \t ", "Accept:a/b  "), "GET / a/b");
  assert.equal(read("GET / HTTP/1.1", HOST, "Accept:   "), "GET /");
});

Deno.test("the longest head is read at once, however it is written: DNS waits meanwhile", () => {
  const blanks = " ".repeat(8000);
  const start = performance.now();
  for (
    const value of [`${blanks}\u0000`, blanks, `${blanks}x${blanks}\u0007`, "\t ".repeat(4000)]
  ) {
    read("GET / HTTP/1.1", HOST, `X:${value}`);
  }
  negotiate(`a/b${blanks}x`);
  const took = performance.now() - start;
  assert.ok(took < 500, `${took} ms`);
});
