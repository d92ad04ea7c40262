/** Letting out to what was resolved: a small program that may change the packet filter, and the way to it. */

export { Book, MOST_ADMITTED } from "./book.ts";
export { AdmitClient, PAUSE } from "./client.ts";
export { Complaints } from "./complaints.ts";
export { LIMIT, type Trouble } from "./link.ts";
export { admit, admitFlags } from "./program.ts";
export {
  ADMIT_FOLDER,
  ADMIT_SOCKET,
  type AdmitRequest,
  canLeave,
  MOST_SECONDS,
} from "./protocol.ts";
