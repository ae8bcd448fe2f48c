#!lua flags=allow-key-locking
-- Gives the session a title, while its turn is this owner's and unless its vendor has given it one.
local meta = unpack(KEYS)
local epoch, title = ARGV[1], ARGV[2]

local m = redis.call('HMGET', meta, 'epoch', 'state', 'has_own_title')
if not m[1] then
  return {'gone'}
end
if m[1] ~= epoch or m[2] ~= 'running' then
  return {'fenced'}
end
if m[3] then
  return {'has_own_title'}
end
redis.call('HSET', meta, 'title', title)
return {'ok'}
