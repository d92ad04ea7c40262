/** Scripts in namespaces of their own: what they do to the network ends with them. */

/** Runs a script with some arguments and returns what it printed as JSON. Needs root; throws where it ends badly. */
export async function runInNamespaces<T>(script: URL, ...args: readonly string[]): Promise<T> {
  const { success, stdout, stderr } = await new Deno.Command("unshare", {
    args: [
      ...["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
      ...[Deno.execPath(), "run", "--no-check", "--unstable-net", "-A", script.pathname, ...args],
    ],
    stdin: "null",
    env: { DENO_NO_UPDATE_CHECK: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (!success) {
    throw new Error(`${args.join(" ")}: ${text}${new TextDecoder().decode(stderr)}`);
  }
  return JSON.parse(text);
}
