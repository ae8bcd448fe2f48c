-- Included by checkpoint and end, with `meta`, `tokens`, the five amounts, and `tokens_today`, which it sets.
local spent = input + output + cache_read + cache_write
if spent > 0 then
  redis.call('HINCRBY', meta, 'input', input)
  redis.call('HINCRBY', meta, 'output', output)
  redis.call('HINCRBY', meta, 'cache_read', cache_read)
  redis.call('HINCRBY', meta, 'cache_write', cache_write)
  redis.call('HINCRBYFLOAT', meta, 'cost', cost)
  tokens_today = redis.call('INCRBY', tokens, spent)
  redis.call('PEXPIRE', tokens, 172800000)
end
