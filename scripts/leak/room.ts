/** Measurements in namespaces of their own. */

import { runInNamespaces } from "../namespaces.ts";
import { type Product, PRODUCTS } from "./products.ts";
import type { Result } from "./result.ts";

/** Measures one product. Needs root. */
export function measure(product: Product): Promise<Result> {
  const index = PRODUCTS.indexOf(product);
  // The title is for the message where it ends badly.
  return runInNamespaces(new URL("run.ts", import.meta.url), `${index}`, product.title);
}
