#!lua flags=allow-key-locking
-- Gives the session the vendor's own title, which nobody else replaces. Neither its life nor its place changes.
local meta, tombstone = unpack(KEYS)
local vendor, title = ARGV[1], ARGV[2]

local owner = redis.call('HGET', meta, 'vendor')
if not owner then
  return {{}, redis.call('GET', tombstone)}
end
if owner == vendor then
  redis.call('HSET', meta, 'title', title, 'has_own_title', 1)
end
return {redis.call('HGETALL', meta), false}
