#!lua flags=allow-key-locking
-- Notes which of a session's turns a restore of the app's files has undone, and which it has brought back.
local meta, files = unpack(KEYS)
local vendor, app, to, revision = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
-- So often the changes of one turn may go and come back until the oldest two marks are forgotten.
local MARKS = 100

local m = redis.call('HMGET', meta, 'vendor', 'app')
if m[1] ~= vendor or m[2] ~= app then
  return 'not_found'
end
for n = 5, #ARGV, 2 do
  local field, was_done = '/undone/' .. ARGV[n], ARGV[n + 1] == '1'
  local marks, before = {}, 0
  for mark in string.gmatch(redis.call('HGET', files, field) or '', '%d+') do
    marks[#marks + 1] = mark
    if tonumber(mark) <= to then
      before = before + 1
    end
  end
  -- The files are as they were at that revision: before the turn, or after it, when it may have been undone.
  local undone = not was_done or before % 2 == 1
  if undone ~= (#marks % 2 == 1) then
    marks[#marks + 1] = revision
    if #marks > MARKS then
      marks = {unpack(marks, 3)}
    end
    redis.call('HSET', files, field, table.concat(marks, ' '))
    redis.call('PEXPIRE', files, redis.call('PTTL', meta))
  end
end
return 'ok'
