/** What is known of who can register what: given from outside, because the list is large. */

/** The list of public suffixes, as far as proposals need it. */
export interface Suffixes {
  /** The registrable domain of a name; undefined where it is a public suffix itself, or above one. */
  domainOf(name: string): string | undefined;
  /** Whether a name ends in a suffix under which names on the Internet are registered. */
  isPublic(name: string): boolean;
}
