#!lua flags=allow-key-locking
-- Admits a message and opens its turn, or says why not. One round trip; nothing is written unless admitted, but that a
-- message came once more.
local meta, history, contents, events, files, tombstone, running, rate, tokens, owner, index, ids = unpack(KEYS)
local now, sid, vendor, app = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
local is_new, nonce, message_id, digest = ARGV[5] == '1', ARGV[6], ARGV[7], ARGV[8]
local record, title, model = ARGV[9], ARGV[10], ARGV[11]
local lease, ttl, window = tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14])
local rate_limit, max_turns, budget = tonumber(ARGV[15]), tonumber(ARGV[16]), tonumber(ARGV[17])
local owner_known, replaces, reserve = ARGV[18] == '1', ARGV[19], ARGV[20]
-- True for a message that makes no turn whatever is found here: it is only looked for another reason, and for an
-- earlier message with its id.
local is_refused = ARGV[21] == '1'
-- include limits
-- include day_tokens

local m = redis.call('HMGET', meta, 'vendor', 'app', 'turn', 'epoch', 'state', 'lease', 'nonce', 'model', 'title',
  'since', 'replaced', 'has_own_title', 'consents', 'answers')
local since, replaced = m[10] or '1-1', m[11] or ''
-- include replaced_turns
local function is_replaced(turn)
  for _, range in ipairs(gone) do
    if range[1] <= turn and turn < range[2] then
      return true
    end
  end
  return false
end
-- What a summary speaks of is not loaded again, but for the message of the turn in whose middle it ends.
-- Of the rest each record is loaded whole. The second value is true if any of them has contents.
local function loaded()
  local ids, entries = {}, {}
  local function load(from, to)
    for _, entry in ipairs(redis.call('XRANGE', history, from, to)) do
      ids[#ids + 1] = entry[1]
      entries[#entries + 1] = {entry[1], entry[2][2]}
    end
  end
  local turn, from = tonumber(string.match(since, '^%d+')), since
  local message = turn .. '-1'
  if since ~= message and not is_replaced(turn) then
    load(message, message)
  end
  for _, range in ipairs(gone) do
    if range[2] > turn then
      if range[1] > turn then
        load(from, '(' .. range[1] .. '-0')
      end
      turn, from = range[2], range[2] .. '-0'
    end
  end
  load(from, '+')
  local have_contents = false
  for n = 1, #ids, 1000 do
    local to = math.min(n + 999, #ids)
    for k, record in ipairs(redis.call('HMGET', contents, unpack(ids, n, to))) do
      if record then
        entries[n + k - 1][2], have_contents = record, true
      end
    end
  end
  return entries, have_contents
end
-- The place from which the conversation was loaded before a turn: what was summed up since then speaks of it too.
local function place_of_summary_before(turn)
  local to = '(' .. turn .. '-0'
  for n = #gone, 0, -1 do
    local range = gone[n] or {0, 0}
    if range[2] <= turn then
      local chunk
      repeat
        chunk = redis.call('XREVRANGE', history, to, range[2] .. '-0', 'COUNT', 100)
        for _, entry in ipairs(chunk) do
          local at, place = string.match(entry[2][2], '^{"kind":"summary".-"before":%[(%d+),(%d+)%]')
          if at then
            return at .. '-' .. place
          end
          to = '(' .. entry[1]
        end
      until #chunk < 100
      to = '(' .. range[1] .. '-0'
    end
  end
  return '1-1'
end
if m[7] == nonce then
  -- The answer to the first try was lost: it is this turn that was opened.
  return {'ok', m[3], m[4], m[8], m[9], (loaded()), redis.call('GET', tokens) or '0', m[13] or ''}
end

local earlier = redis.call('HGET', ids, message_id)
-- A deleted session's messages may be sent again: it stands in the index, at no time, until it is cleared away.
if earlier and redis.call('ZSCORE', index, string.match(earlier, '^%S+')) ~= '0' then
  -- It asks for a stream and makes no turn, but it costs what a message does.
  local refused = too_many_messages()
  if refused then
    return refused
  end
  count_message()
  return {'duplicate', earlier}
end

if is_new then
  if redis.call('EXISTS', tombstone) == 1 then
    -- Given up on its way and arrived after all: the session that a later try has made is deleted by now.
    return {'not_found'}
  end
  local known = redis.call('GET', owner)
  if not known and not owner_known then
    return {'owner_unknown'}
  end
  if known and known ~= vendor then
    return {'not_found'}
  end
elseif not m[1] then
  if redis.call('GET', tombstone) == vendor then
    return {'expired'}
  end
  return {'not_found'}
elseif m[1] ~= vendor or m[2] ~= app then
  return {'not_found'}
elseif m[5] == 'running' then
  if tonumber(m[6]) > now then
    return {'busy', m[3]}
  end
  return {'abandoned', m[3]}
end

local replaced_turn
if replaces ~= '' then
  local of, turn = string.match(redis.call('HGET', ids, replaces) or '', '^(%S+) (%d+) ')
  if of ~= sid or is_replaced(tonumber(turn)) then
    return {'unknown_message'}
  end
  replaced_turn = tonumber(turn)
end

local refused = too_many_messages() or too_much_at_once()
if refused then
  return refused
end
if is_refused then
  return {'refused'}
end
if m[5] == 'waiting' then
  return {'waiting', m[3]}
end
count_message()
redis.call('ZADD', running, now + lease, sid)
redis.call('PEXPIRE', running, lease)

-- Whoever answers too late hears that it was answered; not for ever, as each reader of the turn reads all of this.
local answers = {}
for answer in string.gmatch(m[14] or '', '\n[^\n]+') do
  answers[#answers + 1] = answer
end

local turn, epoch = tonumber(m[3] or '0') + 1, tonumber(m[4] or '0') + 1
-- A turn may outlive a short session life, so the keys last at least two leases while it runs.
local life = math.max(ttl, 2 * lease)

-- What the app's keys still hold of sessions that were deleted, or have expired and whose tombstones have too.
local function forget_gone()
  local gone, messages = {}, {}
  for _, other in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now - 2 * life)) do
    gone[other] = true
  end
  if not next(gone) then
    return
  end
  redis.call('ZREMRANGEBYSCORE', index, '-inf', now - 2 * life)
  local known = redis.call('HGETALL', ids)
  for n = 1, #known, 2 do
    if gone[string.match(known[n + 1], '^%S+')] then
      messages[#messages + 1] = known[n]
    end
  end
  for n = 1, #messages, 1000 do
    redis.call('HDEL', ids, unpack(messages, n, math.min(n + 999, #messages)))
  end
end

if is_new then
  forget_gone()
  redis.call('HSET', meta, 'v', 1, 'vendor', vendor, 'app', app, 'title', title, 'model', model, 'created', now)
  redis.call('SET', owner, vendor)
  redis.call('PEXPIRE', owner, ttl)
end
if replaced_turn then
  local first = gone[1] and gone[1][1] == 1 and gone[1][2] or 1
  if first == replaced_turn and not m[12] then
    redis.call('HSET', meta, 'title', title)
    m[9] = title
  end
  since = place_of_summary_before(replaced_turn)
  leave_out(replaced_turn, turn)
  redis.call('HSET', meta, 'replaced', replaced .. ' ' .. replaced_turn .. '-' .. turn, 'since', since)
end
redis.call('HSET', meta, 'turn', turn, 'epoch', epoch, 'first_epoch', epoch, 'state', 'running', 'lease', now + lease,
  'cancel', 0, 'nonce', nonce, 'message_id', message_id, 'updated', now, 'step', 0, 'pending', '[]',
  'last_durable_seq', '', 'waiting', '[]', 'approvals', '',
  'answers', table.concat(answers, '', math.max(1, #answers - 19)))
-- What the first call of the model may use; the turn gives back what it does not.
local tokens_today = count_for_the_day(reserve)
redis.call('XADD', history, turn .. '-1', 'm', record)
redis.call('DEL', events)
redis.call('XADD', events, epoch .. '-0', 't', turn, 'd', '')
redis.call('ZADD', index, now, sid)
redis.call('HSET', ids, message_id, sid .. ' ' .. turn .. ' ' .. digest)
local entries, have_contents = loaded()
for _, key in ipairs({meta, history, events, files, index, ids, have_contents and contents or nil}) do
  redis.call('PEXPIRE', key, life)
end
redis.call('SET', tombstone, vendor, 'PX', 2 * life)
return {'ok', turn, epoch, m[8] or model, m[9] or title, entries, tokens_today, m[13] or ''}
