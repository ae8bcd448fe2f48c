#!lua flags=allow-key-locking
-- Records part of a turn: messages, events so far, file modifications, tokens. The same one twice counts once.
local meta, history, events, files, tokens = unpack(KEYS)
local now, epoch, lease, ttl = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local turn, last_seq, frames, step, pending = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local since = ARGV[10]
local input, output, cache_read, cache_write, cost = ARGV[11], ARGV[12], ARGV[13], ARGV[14], ARGV[15]
local records, modifications = tonumber(ARGV[16]), tonumber(ARGV[17])
local at = 18

local m = redis.call('HMGET', meta, 'epoch', 'cancel', 'state')
if not m[1] then
  return {'gone'}
end
if m[1] ~= epoch or m[3] ~= 'running' then
  return {'fenced'}
end
local known = redis.call('XRANGE', history, ARGV[at], '+', 'COUNT', records)
for n = 1, #known > 0 and records or 0 do
  -- Nothing but this same checkpoint may stand in its place: taken for it, something else would be lost.
  local id, record = ARGV[at + 2 * n - 2], ARGV[at + 2 * n - 1]
  if not known[n] or known[n][1] ~= id or known[n][2][2] ~= record then
    return {'conflict'}
  end
end
local tokens_today
if #known == 0 then
  for _ = 1, records do
    redis.call('XADD', history, ARGV[at], 'm', ARGV[at + 1])
    at = at + 2
  end
  for _ = 1, modifications do
    redis.call('HSET', files, ARGV[at], ARGV[at + 1])
    at = at + 2
  end
  if modifications > 0 then
    redis.call('PEXPIRE', files, math.max(ttl, 2 * lease))
  end
  redis.call('HSET', meta, 'step', step, 'pending', pending, 'lease', now + lease, 'updated', now)
  if since ~= '' then
    redis.call('HSET', meta, 'since', since)
  end
  local spent = input + output + cache_read + cache_write
  if spent > 0 then
    redis.call('HINCRBY', meta, 'input', input)
    redis.call('HINCRBY', meta, 'output', output)
    redis.call('HINCRBY', meta, 'cache_read', cache_read)
    redis.call('HINCRBY', meta, 'cache_write', cache_write)
    redis.call('HINCRBYFLOAT', meta, 'cost', cost)
    tokens_today = redis.call('INCRBY', tokens, spent)
    redis.call('PEXPIRE', tokens, 172800000)
  end
  if frames ~= '' then
    -- Refused where a flush whose answer was lost has written the same events.
    redis.pcall('XADD', events, epoch .. '-' .. last_seq, 't', turn, 'd', frames)
  end
end
return {'ok', m[2], tokens_today or redis.call('GET', tokens) or '0'}
