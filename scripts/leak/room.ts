/** Measurements in namespaces of their own. */

import { type Product, PRODUCTS } from "./products.ts";
import type { Result } from "./result.ts";

/** Measures one product. Needs root. */
export async function measure(product: Product): Promise<Result> {
  const script = new URL("run.ts", import.meta.url).pathname;
  const { success, stdout, stderr } = await new Deno.Command("unshare", {
    args: [
      ...["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
      ...[Deno.execPath(), "run", "--no-check", "--unstable-net"],
      ...["-A", script, `${PRODUCTS.indexOf(product)}`],
    ],
    stdin: "null",
    env: { DENO_NO_UPDATE_CHECK: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (!success) {
    throw new Error(`${product.title}: ${text}${new TextDecoder().decode(stderr)}`);
  }
  return JSON.parse(text);
}
