#!lua flags=allow-key-locking
-- Counts tokens for the vendor's day beside any other write, once: `told` remembers that it was done.
local tokens, told = unpack(KEYS)
local counted = ARGV[1]

if redis.call('SET', told, 1, 'NX', 'PX', 10000) then
  if redis.call('INCRBY', tokens, counted) == tonumber(counted) then -- it is new
    redis.call('PEXPIRE', tokens, 172800000)
  end
end
return redis.call('GET', tokens) or '0'
