-- A session in Neovim, 0.7 or newer: a squiggle, a proof of its rewrite, and the proven fix, picked.
-- What was seen goes as JSON into the file that STORY names; Neovim ends with 1 when something did not happen.

local PATIENCE_MS = 120000
local seen = { squiggles = {}, picked = {}, answers = {}, said = {} }

local function wait(what, happened)
  if not vim.wait(PATIENCE_MS, happened, 20) then
    error("this did not happen: " .. what .. "; so far: " .. vim.json.encode(seen))
  end
end

local function squiggle()
  local there = vim.diagnostic.get(0)[1]
  return there and there.message or ""
end

local function pick(title)
  local picked = false
  vim.ui.select = function(actions, options, choose)
    for _, action in ipairs(actions) do
      local shown = options.format_item(action)
      if shown:find(title) then
        table.insert(seen.picked, shown)
        picked = true
        return choose(action)
      end
    end
  end
  vim.lsp.buf.code_action()
  wait("an action " .. title, function() return picked end)
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), "\n") .. "\n"
end

vim.lsp.handlers["workspace/executeCommand"] = function(problem, answer)
  table.insert(seen.answers, { problem = problem and problem.message, answer = answer })
end
vim.lsp.handlers["window/showMessage"] = function(_, message)
  table.insert(seen.said, message.message)
end

local function story()
  wait("a squiggle", function() return squiggle() ~= "" end)
  table.insert(seen.squiggles, squiggle())
  local place = vim.diagnostic.get(0)[1]
  vim.api.nvim_win_set_cursor(0, { place.lnum + 1, place.col })
  pick("^Prove: ")
  wait("a proof", function() return #seen.answers == 1 end)
  wait("a proven squiggle", function() return squiggle():find("proven") end)
  table.insert(seen.squiggles, squiggle())
  local before = text()
  pick("%(proven ")
  wait("the edit", function() return text() ~= before end)
  wait("the history", function() return #seen.answers == 2 end)
  vim.cmd("write")
end

local worked, fault = xpcall(story, debug.traceback)
vim.fn.writefile({ vim.json.encode(seen) }, vim.env.STORY)
if not worked then
  io.stderr:write(fault .. "\n")
  vim.cmd("cquit 1")
end
vim.cmd("qall!")
