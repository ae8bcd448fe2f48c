#!lua flags=allow-key-locking
-- Counts a request by its weight, and gives 0; or the milliseconds to wait where a sliding minute has had enough of them.
local current, previous = unpack(KEYS)
local limit, passed, minute, weight = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local counts = redis.call('MGET', current, previous)
local now, before = tonumber(counts[1] or '0'), tonumber(counts[2] or '0')
-- Of the minute before, the part counts that the sliding minute still holds.
local left = minute - passed
if before * left <= (limit - now - weight) * minute then
  if redis.call('INCRBY', current, weight) == weight then
    redis.call('PEXPIRE', current, 2 * minute)
  end
  return 0
end
if now + weight <= limit then
  return math.ceil(left - (limit - now - weight) * minute / before)
end
-- This minute is full, so that room comes in the next one.
return left + math.max(0, math.ceil(minute - (limit - weight) * minute / now))
