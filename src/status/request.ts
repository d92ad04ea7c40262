/** The head of an HTTP request, read strictly (RFC 9112). */

import { canonicalAddress } from "../policy/mod.ts";

/** A request that may be answered. */
export interface PageRequest {
  readonly method: "GET" | "HEAD";
  /** Without its query. */
  readonly path: string;
  readonly accept: string;
  /** Whether somebody in between has sent it on. */
  readonly isForwarded: boolean;
}

/** What was read, or the status that says why not. */
export type RequestRead =
  | { readonly kind: "request"; readonly request: PageRequest }
  | { readonly kind: "refused"; readonly status: 400 | 403 | 405 | 421 };

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\/[\x21-\x7e]*) HTTP\/1\.([01])$/;
// The blanks around a value are not taken off here: a line of blanks alone could be read in too many ways.
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)$/;

/** Headers by which a proxy says that it is one, or whom it speaks for. */
const OF_PROXIES =
  /^(?:forwarded|via|x-forwarded.*|x-original-.*|x-real-ip|(?:x-|true-|x-cluster-|cf-)?(?:client|connecting)-ip)$/;

/** Reads a head: all up to the empty line, without it. */
export function readRequest(head: string): RequestRead {
  const [first = "", ...lines] = head.split("\r\n");
  const [, method, target, minor] = REQUEST_LINE.exec(first) ?? [];
  const headers = readHeaders(lines);
  if (method === undefined || headers === undefined) return { kind: "refused", status: 400 };
  if (!isOwnHost(headers.get("host"))) return { kind: "refused", status: 421 };
  if (isForeign(headers)) return { kind: "refused", status: 403 };
  if (method !== "GET" && method !== "HEAD") return { kind: "refused", status: 405 };
  return {
    kind: "request",
    request: {
      method,
      path: target!.split("?")[0]!,
      accept: headers.get("accept") ?? "",
      // What people look at pages with has long spoken HTTP/1.1; nginx, unless it is told to, does not to others.
      isForwarded: minor === "0" || [...headers.keys()].some((name) => OF_PROXIES.test(name)),
    },
  };
}

/** By their names in small letters; undefined where a line is none, or Host stands there twice (RFC 9112 3.2). */
function readHeaders(lines: readonly string[]): Map<string, string> | undefined {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, written, rest] = HEADER_LINE.exec(line) ?? [];
    if (written === undefined) return undefined;
    const name = written.toLowerCase();
    const value = withoutBlanks(rest!);
    const former = headers.get(name);
    if (former !== undefined && name === "host") return undefined;
    headers.set(name, former === undefined ? value : `${former}, ${value}`);
  }
  return headers;
}

/** Without the blanks and tabs around it (RFC 9110 5.5). */
function withoutBlanks(text: string): string {
  const isBlank = (at: number): boolean => text[at] === " " || text[at] === "\t";
  let [start, end] = [0, text.length];
  while (start < end && isBlank(start)) start++;
  while (start < end && isBlank(end - 1)) end--;
  return text.slice(start, end);
}

/**
 * Whether a page was asked for by an address or as `localhost`. A name that somebody else owns may lead here (DNS
 * rebinding), and his page would then count as ours to a browser. The port is free: it may come by way of a tunnel.
 */
function isOwnHost(host: string | undefined): boolean {
  const [, six, other] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(host ?? "") ??
    [];
  if (six !== undefined) return six.includes(":") && canonicalAddress(six) !== undefined;
  return other !== undefined &&
    (other.toLowerCase() === "localhost" || canonicalAddress(other) !== undefined);
}

/** Whether another site's page has a browser ask for it, other than by a link that somebody follows. */
function isForeign(headers: ReadonlyMap<string, string>): boolean {
  const site = headers.get("sec-fetch-site");
  const isOurs = site === undefined || site === "same-origin" || site === "none";
  return !isOurs && headers.get("sec-fetch-mode") !== "navigate";
}
