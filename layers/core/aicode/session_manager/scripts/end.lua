#!lua flags=allow-key-locking
-- Ends a turn: last messages, terminal event, state, lease released. The same end twice counts once.
local meta, history, events, files, marker, running, index, ids, tokens, owner = unpack(KEYS)
local now, sid, epoch, ttl, event_life = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local turn, last_seq, frames, state, unless_cancelled = ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10] == '1'
local input, output, cache_read, cache_write, cost = ARGV[11], ARGV[12], ARGV[13], ARGV[14], ARGV[15]
local records, at = tonumber(ARGV[16]), 17

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
for _ = 1, records do
  redis.call('XADD', history, ARGV[at], 'm', ARGV[at + 1])
  at = at + 2
end
redis.call('XADD', events, epoch .. '-' .. last_seq, 't', turn, 'd', frames)
redis.call('HSET', meta, 'state', state, 'lease', 0, 'cancel', 0, 'pending', '[]', 'updated', now, 'last_seq', last_seq)
local spent = input + output + cache_read + cache_write
if spent > 0 then
  redis.call('HINCRBY', meta, 'input', input)
  redis.call('HINCRBY', meta, 'output', output)
  redis.call('HINCRBY', meta, 'cache_read', cache_read)
  redis.call('HINCRBY', meta, 'cache_write', cache_write)
  redis.call('HINCRBYFLOAT', meta, 'cost', cost)
  redis.call('INCRBY', tokens, spent)
  redis.call('PEXPIRE', tokens, 172800000)
end
redis.call('ZREM', running, sid)
redis.call('ZADD', index, now, sid)
for _, key in ipairs({meta, history, files}) do
  redis.call('PEXPIRE', key, ttl)
end
for _, key in ipairs({index, ids, owner}) do
  redis.call('PEXPIRE', key, ttl, 'GT')
end
redis.call('PEXPIRE', events, math.min(event_life, ttl))
redis.call('SET', marker, m[4], 'PX', 2 * ttl)
return {'ok'}
