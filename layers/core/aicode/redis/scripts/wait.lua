#!lua flags=allow-key-locking
-- Lets a turn wait: its records, its events and what it waits for are stored, and its lease is released, so that it
-- runs nowhere. The same wait twice counts once, also where it has been answered meanwhile.
local meta, history, contents, events, files, tombstone, running, index, ids, tokens, owner = unpack(KEYS)
local now, sid, epoch, ttl = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
local turn, last_seq, frames, step = ARGV[5], ARGV[6], ARGV[7], ARGV[8]
-- What is asked for, as JSON, and the ids under which it is answered.
local waiting, approvals = ARGV[9], ARGV[10]
local input, output, cache_read, cache_write, cost = ARGV[11], ARGV[12], ARGV[13], ARGV[14], ARGV[15]
local counted = ARGV[16]
local records, modifications = tonumber(ARGV[17]), tonumber(ARGV[18])
local at = 19

local m = redis.call('HMGET', meta, 'epoch', 'state', 'cancel', 'vendor', 'approvals')
if not m[1] then
  return {'gone'}
end
if m[1] ~= epoch then
  return {'fenced'}
end
if m[5] == approvals then
  return {'ok'}
end
if m[2] ~= 'running' then
  return {'fenced'}
end
if m[3] == turn then
  return {'cancelled'}
end
if #redis.call('XRANGE', history, ARGV[at], '+', 'COUNT', 1) > 0 then
  return {'conflict'}
end
for _ = 1, records do
  redis.call('XADD', history, ARGV[at], 'm', ARGV[at + 1])
  if ARGV[at + 2] ~= '' then
    redis.call('HSET', contents, ARGV[at], ARGV[at + 2])
  end
  at = at + 3
end
-- include modifications
redis.call('XADD', events, epoch .. '-' .. last_seq, 't', turn, 'd', frames)
redis.call('HSET', meta, 'state', 'waiting', 'lease', 0, 'pending', '[]', 'step', step, 'updated', now,
  'last_seq', last_seq, 'waiting', waiting, 'approvals', approvals)
-- include day_tokens
local tokens_today
-- include spent
redis.call('ZREM', running, sid)
redis.call('ZADD', index, now, sid)
for _, key in ipairs({meta, history, contents, files, events}) do
  redis.call('PEXPIRE', key, ttl)
end
-- Never shortened, and not with GT: to that an index made anew just now has more than any life.
for _, key in ipairs({index, ids, owner}) do
  if redis.call('PTTL', key) < ttl then
    redis.call('PEXPIRE', key, ttl)
  end
end
redis.call('SET', tombstone, m[4], 'PX', 2 * ttl)
return {'ok'}
