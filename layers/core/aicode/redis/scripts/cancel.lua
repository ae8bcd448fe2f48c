#!lua flags=allow-key-locking
-- Asks the running turn to stop.
local meta, tombstone = unpack(KEYS)
local now, vendor, nonce = tonumber(ARGV[1]), ARGV[2], ARGV[3]

local m = redis.call('HMGET', meta, 'vendor', 'turn', 'state', 'lease', 'stop_nonce')
if not m[1] then
  return redis.call('GET', tombstone) == vendor and 'expired' or 'not_found'
end
if m[1] ~= vendor then
  return 'not_found'
end
if m[5] == nonce then
  -- The answer to the first try was lost: another turn may be running by now.
  return 'ok'
end
if m[3] ~= 'running' or tonumber(m[4]) <= now then
  return 'not_running'
end
redis.call('HSET', meta, 'cancel', m[2], 'stop_nonce', nonce)
return 'ok'
