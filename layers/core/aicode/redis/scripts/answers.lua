-- Included by answer, cancel and claim, with `answers`: one line for each request that is answered, of this turn and the
-- latest before, with its id, how many were left then, and the answer as JSON.
local function answer_to(approval)
  local from, to = string.find(answers, '\n' .. approval .. ' ', 1, true)
  return from and string.match(answers, '[^\n]+', to + 1)
end
-- Answers all that a waiting turn still asks for with a no.
local function refuse(approvals)
  for approval in string.gmatch(approvals, '%S+') do
    if not answer_to(approval) then
      answers = answers .. '\n' .. approval .. ' 0 {"approved":false}'
    end
  end
  redis.call('HSET', meta, 'answers', answers, 'waiting', '[]')
end
