#!lua flags=allow-key-locking
-- Reads a session: what is known of it, and its history from the latest entry back, until that is a page.
local meta, tombstone, history, contents, files = unpack(KEYS)
local from, to, messages, bytes = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local with_replaced = ARGV[5] == '1'
-- As many entries as two hundred messages are in most sessions.
local CHUNK = 250

local m = redis.call('HGETALL', meta)
if #m == 0 then
  return {m, redis.call('GET', tombstone), {}, {}, 0}
end
local shown = {}
for n = 6, #ARGV do
  shown[ARGV[n]] = true
end
local replaced = ''
for n = 1, #m, 2 do
  if m[n] == 'replaced' and not with_replaced then
    replaced = m[n + 1]
  end
end
-- True for a turn that is no part of the conversation any more, because a later message took an earlier one's place.
local function is_replaced(turn)
  for first, by in string.gmatch(replaced, '(%d+)-(%d+)') do
    if tonumber(first) <= turn and turn < tonumber(by) then
      return true
    end
  end
  return false
end

local entries, chunk = {}, {}
repeat
  chunk = redis.call('XREVRANGE', history, from, to, 'COUNT', CHUNK)
  local ids = {}
  for n, entry in ipairs(chunk) do
    ids[n] = entry[1]
  end
  local whole = #ids > 0 and redis.call('HMGET', contents, unpack(ids))
  for n, entry in ipairs(chunk) do
    if messages <= 0 or bytes <= 0 then
      break
    end
    if not is_replaced(tonumber(string.match(entry[1], '^%d+'))) then
      local record = whole[n] or entry[2][2]
      entries[#entries + 1] = {entry[1], record}
      bytes = bytes - #record
      if shown[string.match(record, '^{"kind":"(%l+)"')] then
        messages = messages - 1
      end
    end
  end
  from = '(' .. (ids[#ids] or '')
until #chunk < CHUNK or messages <= 0 or bytes <= 0
return {m, false, entries, redis.call('HGETALL', files), bytes <= 0 and 1 or 0}
