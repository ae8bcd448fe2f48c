#!lua flags=allow-key-locking
-- Releases the lease of a running turn before it is over: another owner may take it up at once.
local meta, running = unpack(KEYS)
local sid, epoch = ARGV[1], ARGV[2]

local m = redis.call('HMGET', meta, 'epoch', 'state')
if not m[1] then
  return {'gone'}
end
if m[1] ~= epoch or m[2] ~= 'running' then
  return {'fenced'}
end
redis.call('HSET', meta, 'lease', 0)
redis.call('ZREM', running, sid)
return {'ok'}
