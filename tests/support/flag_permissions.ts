/** Permissions as the runtime derives them from flags, in memory: what covers what, and what giving back loses. */

import { parseSubnet, SubnetList } from "../../src/policy/mod.ts";
import type { Permission, Permissions } from "../../src/system/mod.ts";

/** What is held: a name with what was listed for it; an empty list for all of it. */
type Held = Map<string, string[]>;

/** Takes `--allow-…` flags as `deno run` does. */
export class FlagPermissions implements Permissions {
  readonly #held: Held = new Map();

  constructor(flags: readonly string[], readonly knowsUnixSockets = true) {
    for (const flag of flags) {
      const [, name, list] = /^--allow-([a-z]+)(?:=(.*))?$/.exec(flag) ?? [];
      if (name !== undefined) this.#held.set(name, list?.split(",") ?? []);
    }
  }

  holds(permission: Permission): boolean {
    const list = this.#held.get(permission.name);
    if (list === undefined) return false;
    const what = whatOf(permission);
    return list.length === 0 ||
      what !== undefined && list.some((one) => covers(permission.name, one, what));
  }

  /** As the runtime does: what covers it is lost whole; a part of all cannot be given back. */
  giveBack(permission: Permission): void {
    const list = this.#held.get(permission.name) ?? [];
    const what = whatOf(permission);
    if (what === undefined) return void this.#held.delete(permission.name);
    if (list.length === 0) return;
    const rest = list.filter((one) => !covers(permission.name, one, what));
    if (rest.length > 0) this.#held.set(permission.name, rest);
    else this.#held.delete(permission.name);
  }
}

function whatOf({ name: _, ...what }: Permission): string | undefined {
  return Object.values(what)[0];
}

function covers(name: string, listed: string, asked: string): boolean {
  if (listed === asked) return true;
  if (name === "read" || name === "write") {
    return asked.startsWith(listed.endsWith("/") ? listed : `${listed}/`);
  }
  if (name !== "net" || asked.includes("/")) return false;
  const [, six, four] = /^(?:\[(.*)\]|([^:]*))(?::\d+)?$/.exec(asked) ?? [];
  const host = six === undefined ? four! : `[${six}]`;
  const subnet = listed.includes("/") ? parseSubnet(listed) : undefined;
  if (subnet !== undefined && "value" in subnet) {
    return new SubnetList([subnet.value]).includes(six ?? four!);
  }
  return listed === host;
}
