// --set key=value, for every verb that runs a model.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace fair::cli {

void add_overrides(CLI::App* verb, std::vector<std::string>& out);

}  // namespace fair::cli
