// What `fair graph run` and `fair graph check` do.
#pragma once

#include <cstdint>
#include <string>

#include "native/cli/context.h"

namespace fair::cli {

struct GraphOptions {
  std::string model, input, engine = "ort", output;
  std::uint64_t seed = 42;
  int steps = 20;
};

[[nodiscard]] Result<Exit> run_graph(Context& context, const GraphOptions& options);
[[nodiscard]] Result<Exit> check_graph(Context& context, const GraphOptions& options);

}  // namespace fair::cli
