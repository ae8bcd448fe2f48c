#!lua flags=allow-key-locking
-- Takes a running turn over: from an owner whose lease has ended, or from one that handed it over. A waiting one is
-- taken only to be ended: what it asks for is answered with a no.
local meta, events, running, rate, tokens = unpack(KEYS)
local now, sid, vendor, nonce, lease = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local handed_over_by, asked = ARGV[6], ARGV[7]
local window, rate_limit, max_turns, budget = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local with_waiting = ARGV[12] == '1'
-- include limits

local m = redis.call('HMGET', meta, 'vendor', 'turn', 'epoch', 'state', 'lease', 'nonce', 'since',
  'last_durable_seq', 'torn', 'approvals', 'answers')
if not m[1] or m[1] ~= vendor then
  return {'not_found'}
end
if m[6] == nonce then
  return {'ok', m[2], m[3], m[7] or '0'}
end
local answers, is_waiting = m[11] or '', m[4] == 'waiting' and with_waiting
-- include answers
if m[4] ~= 'running' and not is_waiting then
  return {'not_running'}
end
-- A hand-over is for the one who follows its owner: delivered once more, or too late, it takes nothing over.
if m[3] ~= handed_over_by and (handed_over_by ~= '' or tonumber(m[5]) > now) then
  return {'busy', m[2]}
end
-- A vendor who asks for it is held to what a new message is. What the product does by itself costs nobody a turn more.
if asked ~= 'no' then
  local refused = asked == 'anew' and too_many_messages() or too_much_at_once()
  if refused then
    return refused
  end
  if asked == 'anew' then
    count_message()
  end
end
local epoch = tonumber(m[3]) + 1
if is_waiting then
  refuse(m[10])
  redis.call('HSET', meta, 'state', 'running', 'cancel', m[2])
end
-- `torn` is what the version before calls it.
if m[3] ~= handed_over_by and not is_waiting and (m[8] or m[9] or '') == '' then
  -- What the dead owner showed behind its last flush is lost, and its numbers are given anew.
  -- An owner's first entry holds no event, so the newest one that does is one of two.
  local seq = 0
  for _, entry in ipairs(redis.call('XREVRANGE', events, '+', '-', 'COUNT', 2)) do
    seq = math.max(seq, tonumber(string.match(entry[1], '-(%d+)$')))
  end
  redis.call('HSET', meta, 'last_durable_seq', seq)
end
redis.call('HSET', meta, 'epoch', epoch, 'lease', now + lease, 'nonce', nonce)
-- The stream's own order of ids is the fence: from now on it refuses what an earlier owner appends.
redis.call('XADD', events, epoch .. '-0', 't', m[2], 'd', '')
redis.call('ZADD', running, now + lease, sid)
redis.call('PEXPIRE', running, lease)
return {'ok', m[2], epoch, m[7] or '0'}
