/** The part of the gate that answers special names, in Lua. */

/** Answers localhost and its like; nothing of them goes upstream. */
export const SPECIAL_LUA = String.raw`
-- Names that are answered here, whatever the rules say (RFC 6761, RFC 9462, Firefox's canary).
local LOOPBACK_6 = "1." .. ("0."):rep(31) .. "ip6.arpa"
for _, name in ipairs({ "use-application-dns.net", "resolver.arpa", "127.in-addr.arpa", LOOPBACK_6 }) do
  addAbove(name:match("%.(.*)"))
end

local function named(...)
  local names = newSuffixMatchNode()
  for _, name in ipairs({ ... }) do names:add(newDNSName(name .. ".")) end
  return SuffixMatchNodeRule(names)
end

local function answerWith(answer)
  return LuaFFIAction(function(dq)
    if not readQuery(dq) then return DROP end
    return answer(dq)
  end)
end

local function answerLocalhost(dq)
  if qtype == A then return replyWith(dq, NOERROR, "\127\0\0\1", LOOPBACK_TTL) end
  if qtype == AAAA then return replyWith(dq, NOERROR, ("\0"):rep(15) .. "\1", LOOPBACK_TTL) end
  return replyWith(dq, NOERROR)
end

local function answerLoopback(dq)
  if not readName() or not (isLoopback(3, 3) or nameFrom(0) == LOOPBACK_6) then return GO_ON end
  if qtype == PTR then return replyWith(dq, NOERROR, "\9localhost\0", LOOPBACK_TTL) end
  return replyWith(dq, NOERROR)
end

addAction(named("localhost"), answerWith(answerLocalhost))
addAction(named("127.in-addr.arpa", LOOPBACK_6), answerWith(answerLoopback))
addAction(named("use-application-dns.net"), answerWith(function(dq) return replyWith(dq, NXDOMAIN) end))
addAction(named("resolver.arpa"), answerWith(function(dq) return replyWith(dq, NOERROR) end))
`;
