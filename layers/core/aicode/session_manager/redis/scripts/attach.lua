#!lua flags=allow-key-locking
-- Attaches a reader: the session's state, its first events, and one of the vendor's places while the turn runs.
local meta, events, readers = unpack(KEYS)
local now, vendor, place, lease = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
local places, page = tonumber(ARGV[5]), ARGV[6]

local state = redis.call('HGETALL', meta)
local log = redis.call('XRANGE', events, '-', '+', 'COUNT', page)
local m = {}
for n = 1, #state, 2 do
  m[state[n]] = state[n + 1]
end
if m.vendor ~= vendor or m.state ~= 'running' or tonumber(m.lease) <= now then
  return {'nothing_live', state, log}
end
-- The same place once more is the same reader, whose first answer was lost.
redis.call('ZADD', readers, now + lease, place)
if redis.call('ZCARD', readers) > places then
  redis.call('ZREMRANGEBYSCORE', readers, '-inf', now)
  if redis.call('ZCARD', readers) > places then
    redis.call('ZREM', readers, place)
    return {'too_many_streams'}
  end
end
redis.call('PEXPIRE', readers, lease)
return {'ok', state, log}
