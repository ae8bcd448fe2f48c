local redis, server = (function(engine)
  local declared = {}
  for _, key in ipairs(KEYS) do declared[key] = true end
  local unchecked = ' TIME PING ECHO PUBLISH SCRIPT RANDOMKEY DBSIZE KEYS SCAN INFO EVAL EVALSHA ' ..
    'XREAD XREADGROUP XGROUP XINFO OBJECT BITOP ZUNION ZINTER ZDIFF ZINTERCARD SINTERCARD ' ..
    'LMPOP ZMPOP '
  local every = ' DEL UNLINK EXISTS TOUCH MGET SINTER SUNION SDIFF SINTERSTORE SUNIONSTORE ' ..
    'SDIFFSTORE PFCOUNT PFMERGE RENAME RENAMENX '
  local function within(list, name) return string.find(list, ' ' .. name .. ' ', 1, true) end
  local function refusal(name, ...)
    name = string.upper(name)
    if within(' FLUSHALL FLUSHDB ', name) then
      return "ERR " .. name .. " is not allowed in Lua scripts when 'allow-key-locking' flag is set"
    end
    if within(unchecked, name) then return nil end
    for i = 1, within(every, name) and select('#', ...) or math.min(1, select('#', ...)) do
      local key = tostring((select(i, ...)))
      if not declared[key] then
        return "ERR Dynamic keys are not allowed in Lua scripts when 'allow-key-locking' flag is set. Key was: " .. key
      end
    end
  end
  local function call(...)
    local message = refusal(...)
    if message then error(string.sub(message, 5), 0) end
    return engine.call(...)
  end
  local function pcall(...)
    local message = refusal(...)
    if message then return {err = message} end
    return engine.pcall(...)
  end
  return setmetatable({call = call, pcall = pcall}, {__index = engine})
end)(redis)
