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
-- include replaced_turns
-- What is left between these ranges, the latest part first: the bounds of each.
local parts = {}
local below, least = tonumber(string.match(from, '%d+')) or math.huge, tonumber(string.match(to, '^%d+'))
for n = #gone, 1, -1 do
  local first, by = gone[n][1], gone[n][2]
  if first <= below and by > least then
    if by <= below then
      parts[#parts + 1] = {from, by .. '-0'}
    end
    from, below = '(' .. first .. '-0', first
  end
end
parts[#parts + 1] = {from, to}

local at = 1
-- The next entries of the conversation, going back, at most a chunk.
local function earlier_entries()
  local found = {}
  while #found < CHUNK and parts[at] do
    local part, left = parts[at], CHUNK - #found
    local read = redis.call('XREVRANGE', history, part[1], part[2], 'COUNT', left)
    for _, entry in ipairs(read) do
      found[#found + 1] = entry
      part[1] = '(' .. entry[1]
    end
    if #read < left then
      at = at + 1
    end
  end
  return found
end

local entries = {}
repeat
  local chunk, ids = earlier_entries(), {}
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
until not parts[at] or messages <= 0 or bytes <= 0
return {m, false, entries, redis.call('HGETALL', files), bytes <= 0 and 1 or 0}
