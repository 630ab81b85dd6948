-- What wrk sends when it writes, and the one line that it says at its end.
local function lines(name)
  local found = {}
  for line in string.gmatch(os.getenv(name) or '', '[^\n]+') do found[#found + 1] = line end
  return found
end

local cookies, tokens, run = lines('BENCH_COOKIES'), lines('BENCH_TOKENS'), os.getenv('BENCH_RUN') or ''
local text = os.getenv('BENCH_TEXT') or ''
local sent = 0

if #tokens > 0 then
  function request()
    local who = sent % #tokens + 1
    sent = sent + 1
    local body = 'csrf_token=' .. tokens[who] .. '&form_key=' .. run .. '-' .. sent ..
      '&post=A+post+of+the+run+' .. run .. ',+number+' .. sent .. '.+' .. text
    return wrk.format('POST', nil, {['Cookie'] = cookies[who],
      ['Content-Type'] = 'application/x-www-form-urlencoded'}, body)
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('RESULT %d %.3f %.3f %.3f %d %d\n', summary.requests, summary.duration / 1000000,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
