#!lua flags=allow-key-locking
-- Asks the running turn to stop. A waiting one runs again, to be ended: what it asks for is answered with a no.
local meta, tombstone, running = unpack(KEYS)
local now, sid, vendor, nonce, lease = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local with_waiting = ARGV[6] == '1'

local m = redis.call('HMGET', meta, 'vendor', 'turn', 'epoch', 'state', 'lease', 'handover', 'stop_nonce',
  'approvals', 'answers')
if not m[1] then
  return {redis.call('GET', tombstone) == vendor and 'expired' or 'not_found'}
end
if m[1] ~= vendor then
  return {'not_found'}
end
local answers = m[9] or ''
-- include answers
-- include handover
if m[7] == nonce then
  -- The answer to the first try was lost: another turn may be running by now.
  return {'ok', handed_over()}
end
if m[4] == 'waiting' and with_waiting then
  refuse(m[8])
  hand_over()
  redis.call('HSET', meta, 'cancel', m[2], 'stop_nonce', nonce)
  return {'ok', m[3]}
end
if m[4] ~= 'running' or tonumber(m[5]) <= now then
  return {'not_running'}
end
redis.call('HSET', meta, 'cancel', m[2], 'stop_nonce', nonce)
return {'ok', handed_over()}
