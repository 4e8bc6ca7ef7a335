// Types commands as a person would.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "native/cli/context.h"

namespace fair::cli {

class Hand {
 public:
  /// `show` gets each command before it runs and its answer after.
  Hand(std::string workspace, std::function<void(const std::string&)> show) : workspace_(std::move(workspace)), show_(std::move(show)) {}

  /// Does it in this process, and gives its document. A verb that fails has said why on standard error.
  Result<Json> type(std::vector<std::string> words);

  /// [{command, seconds}], in order.
  [[nodiscard]] const Json& steps() const { return steps_; }

 private:
  std::string workspace_;
  std::function<void(const std::string&)> show_;
  Json steps_ = Json::array();
};

/// As a shell would take it back.
[[nodiscard]] std::string quoted(const std::string& word);

}  // namespace fair::cli
