#include "native/cli/overrides.h"

#include <CLI/CLI.hpp>

namespace fair::cli {

void add_overrides(CLI::App* verb, std::vector<std::string>& out) {
  verb->add_option("--set", out, "Override a hyper-parameter, as often as needed; checked against the item")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

}  // namespace fair::cli
