/** Queries in, replies out: UDP, TCP and the handler between them. */

export { Admission } from "./admission.ts";
export { type Daemon, startDaemon } from "./daemon.ts";
export { type Handled, Handler, type HandlerParts } from "./handler.ts";
export { StartError } from "./listeners.ts";
export { decidedHere, type Outcome } from "./outcome.ts";
