// Do a graph and the item that describes it speak of the same model?
#pragma once

#include "core/base/error.h"
#include "core/stac/model_spec.h"
#include "native/infer/session.h"

namespace fair::infer {

/// Session::fit without a session.
[[nodiscard]] Result<stac::ModelSpec> fit_to_graph(const SessionInfo& graph, const stac::ModelSpec& spec);

}  // namespace fair::infer
