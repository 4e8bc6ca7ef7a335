#include "native/cli/hand.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>

#include "native/cli/verbs.h"

namespace fair::cli {

std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string("-_./:=,+%@").find(static_cast<char>(c)) != std::string::npos;
  });
  if (plain) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

Result<Json> Hand::type(std::vector<std::string> words) {
  words.insert(words.begin(), {"--workspace", workspace_});
  std::string line = "fair";
  for (const std::string& word : words) line += " " + quoted(word);
  show_("\n$ " + line + "\n");
  const auto begin = std::chrono::steady_clock::now();
  Json document;
  Context inner;
  inner.hear = [&](const Json& given, const std::string& text) {
    document = given;
    show_(text + (text.empty() || text.back() == '\n' ? "" : "\n"));
  };
  CLI::App app("", "fair");
  app.add_option("--workspace", inner.workspace);
  add_init(app, inner), add_register(app, inner), add_validate(app, inner), add_dataset(app, inner), add_finetune(app, inner);
  add_promote(app, inner), add_predict(app, inner), add_evaluate(app, inner);
  try {
    std::reverse(words.begin(), words.end());
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    return fail(Code::internal, line, "a line that fair takes", error.what(), "please report this as a fault");
  }
  const int status = inner.run();
  steps_.push_back({{"command", line}, {"seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()}});
  if (status != done) return fail(Code::cancelled, line, "to end well", "exit status " + std::to_string(status), "see above; then run it by itself");
  return document;
}

}  // namespace fair::cli
