#!lua flags=allow-key-locking
-- Ends a turn: last messages, terminal event, state, lease released. The same end twice counts once.
local meta, history, contents, events, files, tombstone, running, index, ids, tokens, owner = unpack(KEYS)
local now, sid, epoch, ttl, event_life = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local turn, last_seq, frames, state, unless_cancelled = ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10] == '1'
local input, output, cache_read, cache_write, cost = ARGV[11], ARGV[12], ARGV[13], ARGV[14], ARGV[15]
local counted = ARGV[16]
local records, modifications, at = tonumber(ARGV[17]), tonumber(ARGV[18]), 19

local m = redis.call('HMGET', meta, 'epoch', 'state', 'cancel', 'vendor')
if not m[1] then
  return {'gone'}
end
if m[1] ~= epoch then
  return {'fenced'}
end
if m[2] ~= 'running' then
  return {'ok'}
end
if unless_cancelled and m[3] == turn then
  return {'cancelled'}
end
-- Behind whatever is there: a checkpoint whose answer was lost may have written more than the owner knows.
local latest = redis.call('XREVRANGE', history, '+', '-', 'COUNT', 1)
local n = tonumber(string.match(latest[1][1], '-(%d+)$'))
for _ = 1, records do
  n = n + 1
  redis.call('XADD', history, turn .. '-' .. n, 'm', ARGV[at])
  if ARGV[at + 1] ~= '' then
    redis.call('HSET', contents, turn .. '-' .. n, ARGV[at + 1])
  end
  at = at + 2
end
-- include modifications
redis.call('XADD', events, epoch .. '-' .. last_seq, 't', turn, 'd', frames)
redis.call('HSET', meta, 'state', state, 'lease', 0, 'cancel', 0, 'pending', '[]', 'updated', now, 'last_seq', last_seq)
-- include day_tokens
local tokens_today
-- include spent
redis.call('ZREM', running, sid)
redis.call('ZADD', index, now, sid)
for _, key in ipairs({meta, history, contents, files}) do
  redis.call('PEXPIRE', key, ttl)
end
-- Never shortened, and not with GT: to that an index made anew just now has more than any life.
for _, key in ipairs({index, ids, owner}) do
  if redis.call('PTTL', key) < ttl then
    redis.call('PEXPIRE', key, ttl)
  end
end
redis.call('PEXPIRE', events, math.min(event_life, ttl))
redis.call('SET', tombstone, m[4], 'PX', 2 * ttl)
return {'ok'}
