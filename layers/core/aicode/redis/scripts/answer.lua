#!lua flags=allow-key-locking
-- Answers one request of a waiting turn. The first answer counts; the last one that was missing lets the turn go on,
-- as if its owner had handed it over.
local meta, history, tombstone, running = unpack(KEYS)
local now, sid, vendor, lease = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
-- The answer as JSON, the record that tells it, empty if it can only have been given before, and what the session is to
-- remember of it.
local approval, answer, record, remember = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
-- How many turns of the vendor may run at once, this one included; 0 if it does not matter.
local max_turns = tonumber(ARGV[9])

local m = redis.call('HMGET', meta, 'vendor', 'turn', 'epoch', 'state', 'approvals', 'handover', 'consents',
  'answers')
if not m[1] then
  return {redis.call('GET', tombstone) == vendor and 'expired' or 'not_found'}
end
if m[1] ~= vendor then
  return {'not_found'}
end
local answers = m[8] or ''
-- include answers
-- include handover
local known = answer_to(approval)
if known then
  return {'known', known, handed_over()}
end
if record == '' or m[4] ~= 'waiting' or not string.find(' ' .. m[5] .. ' ', ' ' .. approval .. ' ', 1, true) then
  return {'not_found'}
end
local left = -1
for other in string.gmatch(m[5], '%S+') do
  if not answer_to(other) then
    left = left + 1
  end
end
if left == 0 and max_turns > 0 then
  redis.call('ZREMRANGEBYSCORE', running, '-inf', now)
  if redis.call('ZCARD', running) >= max_turns then
    return {'too_many_turns'}
  end
end
redis.call('HSET', meta, 'answers', answers .. '\n' .. approval .. ' ' .. left .. ' ' .. answer)
local latest = redis.call('XREVRANGE', history, '+', '-', 'COUNT', 1)
local n = tonumber(string.match(latest[1][1], '-(%d+)$'))
redis.call('XADD', history, m[2] .. '-' .. n + 1, 'm', record)
if remember ~= '' then
  redis.call('HSET', meta, 'consents', (m[7] or '') .. ' ' .. remember)
end
if left > 0 then
  return {'ok', left, ''}
end
hand_over()
return {'ok', 0, m[3]}
