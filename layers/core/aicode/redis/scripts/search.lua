#!lua flags=allow-key-locking
-- Counts a call that is about to search the web, for its turn and for the vendor's day, once for each call.
local meta, of_turn, of_day = unpack(KEYS)
local epoch, call, most_of_turn, most_of_day = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local owner = redis.call('HGET', meta, 'epoch')
if not owner then
  return {'gone'}
end
if owner ~= epoch then
  return {'fenced'}
end
if redis.call('SISMEMBER', of_turn, call) == 1 then
  return {'ok'}
end
if redis.call('SCARD', of_turn) >= most_of_turn then
  return {'turn'}
end
if tonumber(redis.call('GET', of_day) or '0') >= most_of_day then
  return {'day'}
end
redis.call('SADD', of_turn, call)
redis.call('INCR', of_day)
redis.call('PEXPIRE', of_turn, 172800000)
redis.call('PEXPIRE', of_day, 172800000)
return {'ok'}
