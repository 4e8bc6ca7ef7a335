// The service that answers predictions of a base model, as fAIr names and runs it.
#pragma once

#include <string>

#include "core/run/config.h"
#include "core/stac/item.h"

namespace fair::launch {

/// fAIr's name of it: the mlm:name in lower case, '-' for '_'. Code::invalid where that is no DNS label (RFC 1035), which Kubernetes wants.
[[nodiscard]] Result<std::string> service_name(const stac::Item& item);

/// Sets the asset mlm:inference-endpoint, "<base>/<service>/predict", which fAIr's front end posts to. `base` is http(s).
Result<> set_endpoint(stac::Item& item, const std::string& base);

enum class ServiceKind {
  knative,     ///< scales from 0 to 5
  deployment,  ///< one replica and a Service before it
};
/// The manifest of its service, one JSON document an object: image of the item's inference runtime, `fair serve` at port 8080, /health as its probe.
/// Code::invalid where the runtime is no image.
[[nodiscard]] Result<std::vector<Json>> service_manifest(const stac::Item& item, ServiceKind kind, const std::string& name_space,
                                                         const run::Environment& environment);

}  // namespace fair::launch
