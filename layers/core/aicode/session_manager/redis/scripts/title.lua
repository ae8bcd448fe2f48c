#!lua flags=allow-key-locking
-- Gives the session a title, while its turn is this owner's.
local meta = unpack(KEYS)
local epoch, title = ARGV[1], ARGV[2]

local m = redis.call('HMGET', meta, 'epoch', 'state')
if not m[1] then
  return {'gone'}
end
if m[1] ~= epoch or m[2] ~= 'running' then
  return {'fenced'}
end
redis.call('HSET', meta, 'title', title)
return {'ok'}
