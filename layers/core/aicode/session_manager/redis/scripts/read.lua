#!lua flags=allow-key-locking
-- Reads a session: what is known of it, and its history from the latest entry back, until that is a page.
local meta, tombstone, history, contents, files = unpack(KEYS)
local from, to, messages, bytes = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
-- As many entries as two hundred messages are in most sessions.
local CHUNK = 250

local m = redis.call('HGETALL', meta)
if #m == 0 then
  return {m, redis.call('GET', tombstone), {}, {}, 0}
end
local shown = {}
for n = 5, #ARGV do
  shown[ARGV[n]] = true
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
    local record = whole[n] or entry[2][2]
    entries[#entries + 1] = {entry[1], record}
    bytes = bytes - #record
    if shown[string.match(record, '^{"kind":"(%l+)"')] then
      messages = messages - 1
    end
  end
  from = '(' .. (ids[#ids] or '')
until #chunk < CHUNK or messages <= 0 or bytes <= 0
return {m, false, entries, redis.call('HGETALL', files), bytes <= 0 and 1 or 0}
