#!lua flags=allow-key-locking
-- Lengthens the lease of the turn's owner, and the life of the session while it runs.
local meta, running, tombstone, history, contents, events, files, index, ids, owner = unpack(KEYS)
local now, sid, epoch, lease, ttl = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])

local m = redis.call('HMGET', meta, 'epoch', 'state')
if m[1] ~= epoch or m[2] ~= 'running' then
  return 0
end
redis.call('HSET', meta, 'lease', now + lease)
redis.call('ZADD', running, now + lease, sid)
redis.call('PEXPIRE', running, lease)
local life = math.max(ttl, 2 * lease)
if redis.call('PTTL', meta) < life / 2 then
  redis.call('HSET', meta, 'updated', now)
  redis.call('ZADD', index, now, sid)
  for _, key in ipairs({meta, history, contents, events, files, index, ids, owner}) do
    redis.call('PEXPIRE', key, life, 'GT')
  end
  redis.call('PEXPIRE', tombstone, 2 * life, 'GT')
end
return 1
