#!lua flags=allow-key-locking
-- Records part of a turn: messages, events so far, file modifications, tokens. The same one twice counts once.
local meta, history, contents, events, files, tokens = unpack(KEYS)
local now, epoch, lease, ttl = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local turn, last_seq, frames, step, pending = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local since = ARGV[10]
local input, output, cache_read, cache_write, cost = ARGV[11], ARGV[12], ARGV[13], ARGV[14], ARGV[15]
local counted = ARGV[16]
local records, modifications = tonumber(ARGV[17]), tonumber(ARGV[18])
local at = 19

local m = redis.call('HMGET', meta, 'epoch', 'cancel', 'state')
if not m[1] then
  return {'gone'}
end
if m[1] ~= epoch or m[3] ~= 'running' then
  return {'fenced'}
end
-- Of what comes before `since` Claude is sent a summary from now on: the small forms are enough.
local function forget_contents()
  local turn_of, n_of = '^(%d+)-', '-(%d+)$'
  local turn_kept, n_kept = tonumber(string.match(since, turn_of)), tonumber(string.match(since, n_of))
  local before = {}
  for _, id in ipairs(redis.call('HKEYS', contents)) do
    local turn, n = tonumber(string.match(id, turn_of)), tonumber(string.match(id, n_of))
    if turn < turn_kept or turn == turn_kept and n < n_kept then
      before[#before + 1] = id
    end
  end
  for n = 1, #before, 1000 do
    redis.call('HDEL', contents, unpack(before, n, math.min(n + 999, #before)))
  end
end

-- True if these entries are the records of this checkpoint; what a summary stands for has no contents any more.
local function are_its_records(entries)
  for n = 1, records do
    local entry, id, small, whole = entries[n], unpack(ARGV, at + 3 * n - 3, at + 3 * n - 1)
    if not entry or entry[1] ~= id or entry[2][2] ~= small then
      return false
    end
    if (redis.call('HGET', contents, id) or whole) ~= whole then
      return false
    end
  end
  return true
end

local known = redis.call('XRANGE', history, ARGV[at], '+', 'COUNT', records)
if #known > 0 and not are_its_records(known) then
  -- Nothing is written over, and nothing else is taken for this checkpoint: it would be lost.
  return {'conflict'}
end
-- include day_tokens
local tokens_today
if #known == 0 then
  local whole = {}
  for _ = 1, records do
    redis.call('XADD', history, ARGV[at], 'm', ARGV[at + 1])
    if ARGV[at + 2] ~= '' then
      whole[#whole + 1], whole[#whole + 2] = ARGV[at], ARGV[at + 2]
    end
    at = at + 3
  end
  if #whole > 0 then
    redis.call('HSET', contents, unpack(whole))
    redis.call('PEXPIRE', contents, math.max(ttl, 2 * lease))
  end
  -- include modifications
  if modifications > 0 then
    redis.call('PEXPIRE', files, math.max(ttl, 2 * lease))
  end
  redis.call('HSET', meta, 'step', step, 'pending', pending, 'lease', now + lease, 'updated', now)
  if since ~= '' then
    redis.call('HSET', meta, 'since', since)
    forget_contents()
  end
  -- include spent
  if frames ~= '' then
    -- Refused where a flush whose answer was lost has written the same events.
    redis.pcall('XADD', events, epoch .. '-' .. last_seq, 't', turn, 'd', frames)
  end
end
return {'ok', m[2], tokens_today or redis.call('GET', tokens) or '0'}
