#!lua flags=allow-key-locking
-- Removes a session with all it holds. Its writer, if one runs, finds nothing to write to and stops.
local meta, history, events, files, marker, running, index, ids = unpack(KEYS)
local sid, vendor, nonce = ARGV[1], ARGV[2], ARGV[3]

local owner = redis.call('HGET', meta, 'vendor')
if not owner then
  local mark = redis.call('GET', marker)
  if mark == 'deleted ' .. nonce then
    return 'ok'
  end
  return mark == vendor and 'expired' or 'not_found'
end
if owner ~= vendor then
  return 'not_found'
end
for _, entry in ipairs(redis.call('XRANGE', history, '-', '+')) do
  if entry[2][3] == 'id' then
    redis.call('HDEL', ids, entry[2][4])
  end
end
redis.call('ZREM', running, sid)
redis.call('ZREM', index, sid)
redis.call('DEL', meta, history, events, files)
-- Long enough to recognise a repeated call whose first answer was lost.
redis.call('SET', marker, 'deleted ' .. nonce, 'PX', 10000)
return 'ok'
