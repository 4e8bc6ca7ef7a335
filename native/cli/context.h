// What every verb gets: the common options, and how it answers.
#pragma once

#include <functional>
#include <string>

#include "core/base/error.h"
#include "core/base/json.h"

namespace CLI {
class App;
}

namespace fair::cli {

/// Exit statuses: 0 done, 1 failed, 2 wrong usage, 3 findings (something is invalid or does not fit).
enum Exit : int { done = 0, failed = 1, usage = 2, findings = 3 };

class Context {
 public:
  using Action = std::function<Result<Exit>(Context&)>;

  std::string workspace;  ///< --workspace, else $FAIR_WORKSPACE, else ./.fair
  std::string stack;      ///< --stack, else $FAIR_STACK, else the workspace's, else the default of fair.toml
  bool json = false;      ///< one JSON document on stdout instead of sentences
  /// Takes the answer, document and text, in place of standard output.
  std::function<void(const Json&, const std::string&)> hear;

  /// Makes `action` the thing to do when the person chose that verb.
  void on(CLI::App* verb, Action action);
  /// Does it. Errors and stray exceptions end as a sentence and a status.
  [[nodiscard]] int run();

  /// The verb's answer: the document with --json, else the text (a final newline is added where it lacks one). Once a run.
  void answer(const Json& document, const std::string& text);
  /// A sentence for the person, on stderr.
  void say(const std::string& sentence) const;

 private:
  Exit report(const Error& error);

  Action action_;
  bool answered_ = false;
};

/// The status an error ends with.
[[nodiscard]] Exit status_of(Code code);

}  // namespace fair::cli
