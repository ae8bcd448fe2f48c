-- Included by checkpoint and end, with `meta`, `tokens`, the five amounts, what the day `counted` more (less, if below
-- zero: an estimate was too high), and `tokens_today`, which it sets.
if input + output + cache_read + cache_write > 0 then
  redis.call('HINCRBY', meta, 'input', input)
  redis.call('HINCRBY', meta, 'output', output)
  redis.call('HINCRBY', meta, 'cache_read', cache_read)
  redis.call('HINCRBY', meta, 'cache_write', cache_write)
  redis.call('HINCRBYFLOAT', meta, 'cost', cost)
end
if counted ~= '0' then
  tokens_today = count_for_the_day(counted)
end
