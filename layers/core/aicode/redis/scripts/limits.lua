-- Included by begin and claim, with `rate`, `running`, `tokens`, `now` and the limits: why a vendor may have no further
-- message or turn, as what the script answers. Nothing is counted before `count_message`.
local function too_many_messages()
  local nth_last = redis.call('LINDEX', rate, rate_limit - 1)
  if nth_last and tonumber(nth_last) + window > now then
    return {'rate_limited', tonumber(nth_last) + window - now}
  end
end
local function count_message()
  if redis.call('LPUSH', rate, now) > rate_limit then
    redis.call('LTRIM', rate, 0, rate_limit - 1)
  end
  redis.call('PEXPIRE', rate, window)
end
local function too_much_at_once()
  redis.call('ZREMRANGEBYSCORE', running, '-inf', now)
  if redis.call('ZCARD', running) >= max_turns then
    return {'too_many_turns'}
  end
  if budget > 0 and tonumber(redis.call('GET', tokens) or '0') >= budget then
    return {'budget_exceeded'}
  end
end
