#!lua flags=allow-key-locking
-- Counts tokens for the vendor's day beside any other write, once: `told` remembers that it was done.
local tokens, told = unpack(KEYS)
local counted = ARGV[1]
-- include day_tokens

if redis.call('SET', told, 1, 'NX', 'PX', 10000) then
  return count_for_the_day(counted)
end
return redis.call('GET', tokens) or '0'
