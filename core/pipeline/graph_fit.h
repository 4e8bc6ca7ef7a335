// Do a graph and the item that describes it speak of the same model?
#pragma once

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/stac/model_spec.h"

namespace fair::pipeline {

/// One input or output as a graph declares it. Free sizes are -1; no shape at all is empty.
struct Port {
  std::string name;
  std::vector<std::int64_t> shape;
};

/// The item's spec with what the graph fixes filled in (batch size, free sizes), after checking that the two agree in bands, sizes and classes.
/// Errors name the input or output.
[[nodiscard]] Result<stac::ModelSpec> fit_to_graph(const Port& input, const Port& output, const stac::ModelSpec& spec);

}  // namespace fair::pipeline
