/** Nothing: to see whether `deno compile` works here. */
export {};
