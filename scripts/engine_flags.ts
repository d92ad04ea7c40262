/** How the engine is to deal with memory, for programs that serve. */

/**
 * As it comes, V8 goes by the memory of the machine: it lets its heap grow to four times what is in use before it looks
 * through all of it. Half as much again is enough here; there is no limit in this. (Less room for what is new would save as
 * much again, and cost a query 2 to 5 % of its time.)
 */
export const ENGINE_FLAGS: readonly string[] = ["--v8-flags=--heap-growing-percent=50"];
