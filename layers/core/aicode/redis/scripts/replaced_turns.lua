-- Included by begin and read, with `replaced`: the pairs `<replaced turn>-<new turn>` of the session.
-- `gone` are the turns that are no part of the conversation any more, because a later message took an earlier one's
-- place: ranges in order, each from its first turn up to the one before its second. A replacement swallows all later
-- ranges.
local gone = {}
local function leave_out(first, by)
  while gone[1] and gone[#gone][1] >= first do
    gone[#gone] = nil
  end
  local last = gone[#gone]
  if last and last[2] >= first then
    last[2] = by
  else
    gone[#gone + 1] = {first, by}
  end
end
for first, by in string.gmatch(replaced, '(%d+)-(%d+)') do
  leave_out(tonumber(first), tonumber(by))
end
