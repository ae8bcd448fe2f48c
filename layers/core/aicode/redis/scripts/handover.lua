-- Included by answer and cancel, with `meta`, `running`, `now`, `sid`, `lease` and the fields of `m`: lets a waiting turn
-- run again. It has a lease as if its owner, who is the latest, had handed it over just now.
local function hand_over()
  redis.call('HSET', meta, 'state', 'running', 'lease', now + lease, 'waiting', '[]', 'handover', m[3])
  redis.call('ZADD', running, now + lease, sid)
  redis.call('PEXPIRE', running, lease)
end
-- The owner by whom the turn was handed over, as long as nobody has followed; empty if there is none.
local function handed_over()
  return m[4] == 'running' and m[6] == m[3] and m[3] or ''
end
