#!lua flags=allow-key-locking
-- Counts tokens for the vendor's day that no turn's usage has, once: `told` remembers that it was done.
local tokens, told = unpack(KEYS)
local spent = ARGV[1]

if redis.call('SET', told, 1, 'NX', 'PX', 10000) then
  redis.call('INCRBY', tokens, spent)
  redis.call('PEXPIRE', tokens, 172800000)
end
return 'ok'
