-- Included by checkpoint and end, with `files`, `turn`, `modifications` and `at`, where the first of them stands.
for _ = 1, modifications do
  redis.call('HSET', files, ARGV[at], ARGV[at + 1])
  at = at + 2
end
if modifications > 0 then
  -- What was undone of the turn is not all of it any more.
  redis.call('HDEL', files, '/undone/' .. turn)
end
