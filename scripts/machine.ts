/** What a measurement was made on. */

/** The machine, in a few words. */
export async function describeMachine(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo");
  const model = /model name\s*: (.*)/.exec(info)?.[1] ?? "an unknown processor";
  return `${navigator.hardwareConcurrency} cores of ${model}, Deno ${Deno.version.deno}`;
}
