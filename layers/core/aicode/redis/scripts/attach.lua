#!lua flags=allow-key-locking
-- Attaches a reader: the session's state, its first events, and one of the vendor's slots while the turn runs.
-- A slot's name begins with its session, which has no more than some of them.
local meta, events, readers = unpack(KEYS)
local now, vendor, sid, nonce, lease = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local slots, session_slots, page = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]

local state = redis.call('HGETALL', meta)
local log = redis.call('XRANGE', events, '-', '+', 'COUNT', page)
local m = {}
for n = 1, #state, 2 do
  m[state[n]] = state[n + 1]
end
if m.vendor ~= vendor or m.state ~= 'running' or tonumber(m.lease) <= now then
  return {'nothing_live', state, log}
end
local slot = sid .. ' ' .. nonce
local known, are_expired = redis.call('ZRANGE', readers, 0, -1, 'WITHSCORES'), false
for n = 1, #known, 2 do
  if tonumber(known[n + 1]) <= now then
    are_expired = true
  elseif known[n] ~= slot then -- which may be there already: the answer to the first try was lost
    slots = slots - 1
    if string.match(known[n], '^%S+') == sid then
      session_slots = session_slots - 1
    end
  end
end
if slots <= 0 or session_slots <= 0 then
  return {'too_many_streams'}
end
if are_expired then
  redis.call('ZREMRANGEBYSCORE', readers, '-inf', now)
end
redis.call('ZADD', readers, now + lease, slot)
redis.call('PEXPIRE', readers, lease)
return {'ok', state, log, slot}
