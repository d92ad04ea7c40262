/** What happens in fw-dns, as data. A leaf: any folder may use it. */

/** All that a query may get. */
export const VERDICTS = [
  "forward",
  "serve",
  "nodata",
  "drop",
  "refuse",
  "nxdomain",
  "servfail",
] as const;

/** What a query got. */
export type Verdict = typeof VERDICTS[number];

/** Whether the client got what it asked for. */
export function isAnswered(verdict: Verdict): boolean {
  return verdict === "forward" || verdict === "serve";
}

/** Why it got that. */
export type Reason =
  | "listed"
  | "unlisted"
  | "type"
  | "malformed"
  | "client"
  | "budget"
  | "expired"
  | "overload"
  | "upstream"
  | "filtered";

/** One query, once it is known what it gets. */
export interface QueryEvent {
  readonly event: "query";
  /** The client's IP address. */
  readonly client: string;
  /** As `wire/name.ts` writes it; missing where no name could be read. */
  readonly name?: string | undefined;
  /** The type's name. */
  readonly type?: string | undefined;
  readonly verdict: Verdict;
  /** The rule's name, where one matched. */
  readonly rule?: string | undefined;
  readonly reason: Reason;
  /** The RCODE's name, where a reply was sent. */
  readonly rcode?: string | undefined;
  /** From the query to its reply. */
  readonly ms?: number | undefined;
  /** Which upstream answered. */
  readonly upstream?: string | undefined;
  readonly cached?: boolean | undefined;
}

/** Something went wrong inside; a query may have caused it. */
export interface ErrorEvent {
  readonly event: "error";
  readonly message: string;
}

/** A client seems to have tried to get data out by way of names that no rule lists. None of it got out. */
export interface AlarmEvent {
  readonly event: "alarm";
  /** Missing where there were too many to keep each of them. */
  readonly client?: string;
  /** The registrable domain below which the names were; missing where they were spread over many. */
  readonly domain?: string;
  /** How many registrable domains. */
  readonly domains: number;
  /** What the new ones among the names can have carried, as an estimate. */
  readonly bytes: number;
  /** How many different names. */
  readonly names: number;
  /** In how many seconds. */
  readonly seconds: number;
}

/** Alarms that were left out, and the largest of them. */
export interface AlarmSum {
  readonly event: "alarm";
  readonly more: number;
  /** All of them together. */
  readonly bytes: number;
  readonly largest: AlarmEvent;
}

/** Anything that an operator may want to know. */
export type Event =
  | AlarmEvent
  | AlarmSum
  | QueryEvent
  | {
    readonly event: "start";
    readonly version: string;
    readonly policy: string;
    readonly rules: number;
  }
  /** The leak bound: bits that clients can get out in any hour, at most, to each watcher (`policy/leak.ts`). */
  | {
    readonly event: "leak";
    readonly o1: number;
    readonly o2: number;
    readonly o3: number;
    /** What each restart adds, at most. */
    readonly restart: number;
    /** Whether all rules are hermetic: clients then cause no question upstream. */
    readonly hermetic: boolean;
  }
  | { readonly event: "listen"; readonly address: string }
  /** Metrics and the status page can be read. */
  | { readonly event: "metrics"; readonly url: string }
  /** Root's privileges are gone for good. */
  | {
    readonly event: "privileges";
    readonly user: string;
    readonly uid: number;
    readonly gid: number;
  }
  | { readonly event: "upstream"; readonly address: string; readonly name: string }
  /** Every hermetic pair has been tried; `ms` from the start. */
  | {
    readonly event: "ready";
    readonly pairs: number;
    readonly answered: number;
    readonly ms: number;
  }
  /** Another policy is in force from now on. */
  | { readonly event: "reload"; readonly policy: string; readonly rules: number }
  /** Another policy could not be put into force, and why; the one that was stays. */
  | { readonly event: "reload"; readonly policy: string; readonly problem: string }
  | ErrorEvent
  | { readonly event: "warning"; readonly message: string }
  /** Lines that were left out, by reason or kind. */
  | {
    readonly event: "suppressed";
    readonly lines: number;
    readonly counts: Readonly<Record<string, number>>;
  }
  | { readonly event: "stop"; readonly signal: string };

/** A name in wire form, in small letters (`wire/wire_name.ts` has it). */
export interface NameSeen {
  /** Its first `length` bytes, the root's included. */
  readonly bytes: Uint8Array;
  readonly length: number;
  /** How many labels it has, the root not counted, and where each starts; after the last one, the root. */
  readonly labels: number;
  readonly starts: Uint8Array;
}

/** What is asked, as far as an observer looks at it. It holds until the call is over. */
export interface QuestionSeen {
  readonly type: number;
  /** Looked up each time that it is read, as the name is. */
  readonly typeName: string;
  /** Made anew each time that it is read: a text takes longer than all else that is done for a query. */
  readonly name: string;
  readonly wire: NameSeen;
}

/** Where events go. */
export interface Observer {
  /**
   * Tells of each query what it came to, and asks whether it is to be reported. Where not, it has been counted as far
   * as anyone wants to know, and nothing need be said of it: most queries are not worth a word. Where so, `report`
   * follows within the same turn. `question` is missing where none could be read; `ms`, from the query to its reply,
   * where there is no reply.
   */
  wantsQuery(
    verdict: Verdict,
    reason: Reason,
    client: string,
    question: QuestionSeen | undefined,
    ms: number | undefined,
  ): boolean;
  report(event: Event): void;
}
