#!lua flags=allow-key-locking
-- Removes a session with all it holds. Its writer, if one runs, finds nothing to write to and stops.
local meta, history, contents, events, files, tombstone, running, index = unpack(KEYS)
local sid, vendor, nonce, epoch = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local m = redis.call('HMGET', meta, 'vendor', 'state', 'epoch')
if not m[1] then
  local mark = redis.call('GET', tombstone)
  if mark == 'deleted ' .. nonce then
    return 'ok'
  end
  return mark == vendor and 'expired' or 'not_found'
end
if m[1] ~= vendor then
  return 'not_found'
end
if m[2] == 'running' and m[3] ~= epoch then
  -- Begun or taken over since the caller looked: by somebody whom the file store does not refuse yet.
  return 'has_another_owner'
end
redis.call('ZREM', running, sid)
-- The next new session of the app clears away what the app's keys hold of it.
redis.call('ZADD', index, 'XX', 0, sid)
redis.call('DEL', meta, history, contents, events, files)
-- Long enough to recognise a repeated call whose first answer was lost.
redis.call('SET', tombstone, 'deleted ' .. nonce, 'PX', 10000)
return 'ok'
