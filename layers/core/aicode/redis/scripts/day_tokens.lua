-- Included by begin, spend, checkpoint and end, with `tokens`: adds to the vendor's counter of the day, and gives it.
local function count_for_the_day(amount)
  local counted = redis.call('INCRBY', tokens, amount)
  if counted == tonumber(amount) then -- it is new
    redis.call('PEXPIRE', tokens, 172800000)
  end
  return counted
end
