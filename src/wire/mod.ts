/** Bytes ⇄ messages: pure functions, and the only folder that reads or writes DNS messages. */

export { hashByte, sameBytes, SMALL } from "./bytes.ts";
export {
  addressesIn,
  type Answer,
  LOCAL_NEGATIVE_TTL,
  localAnswer,
  negativeAnswer,
  recordsSize,
} from "./answer.ts";
export {
  EXTENDED_ERROR,
  MAX_MESSAGE_BYTES,
  MAX_UDP_BYTES,
  RCODE,
  rcodeName,
  TYPE,
} from "./constants.ts";
export { FRAME_BYTES, frameInto, frameMessages, FrameReader } from "./frame.ts";
export {
  keepQuery,
  type MalformedQuery,
  type Query,
  QueryReader,
  type Question,
  readQuery,
} from "./gate.ts";
export {
  encodeName,
  isWithin,
  MAX_LABEL_BYTES,
  MAX_NAME_BYTES,
  nameText,
  parentName,
} from "./name.ts";
export { type SentQuestion, writeQuestion } from "./query.ts";
export { readResponse, type ResponseRead } from "./response.ts";
export { canonicalSet } from "./rrset.ts";
export { filterHints } from "./svcb.ts";
export { isMadeHere, messageId, writeReply } from "./reply.ts";
export { ReplyBuffer } from "./reply_buffer.ts";
export { typeName, typeNumber } from "./types.ts";
export { hashName, PLAIN, ROOT_HASH, WireName } from "./wire_name.ts";
