#!lua flags=allow-key-locking
-- Counts pages that the API has opened, as searches of their turn and of the vendor's day, each call once.
local meta, of_turn, of_day = unpack(KEYS)
local epoch, most_of_day = ARGV[1], tonumber(ARGV[2])

local owner = redis.call('HGET', meta, 'epoch')
if not owner then
  return {'gone'}
end
if owner ~= epoch then
  return {'fenced'}
end
local new = 0
for n = 3, #ARGV do
  new = new + redis.call('SADD', of_turn, ARGV[n])
end
local today = redis.call('INCRBY', of_day, new)
redis.call('PEXPIRE', of_turn, 172800000)
redis.call('PEXPIRE', of_day, 172800000)
if today >= most_of_day then
  return {'day'}
end
return {'ok'}
