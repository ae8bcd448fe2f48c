#!lua flags=allow-key-locking
-- Attaches a reader: the session's state, its first events, and one of the vendor's slots while the turn runs.
local meta, events, readers = unpack(KEYS)
local now, vendor, slot, lease = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
local slots, page = tonumber(ARGV[5]), ARGV[6]

local state = redis.call('HGETALL', meta)
local log = redis.call('XRANGE', events, '-', '+', 'COUNT', page)
local m = {}
for n = 1, #state, 2 do
  m[state[n]] = state[n + 1]
end
if m.vendor ~= vendor or m.state ~= 'running' or tonumber(m.lease) <= now then
  return {'nothing_live', state, log}
end
-- The same slot once more is the same reader, whose first answer was lost.
redis.call('ZADD', readers, now + lease, slot)
if redis.call('ZCARD', readers) > slots then
  redis.call('ZREMRANGEBYSCORE', readers, '-inf', now)
  if redis.call('ZCARD', readers) > slots then
    redis.call('ZREM', readers, slot)
    return {'too_many_streams'}
  end
end
redis.call('PEXPIRE', readers, lease)
return {'ok', state, log}
