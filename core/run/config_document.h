// Parts of a run config's document that training and inference share.
#pragma once

#include <string>

#include "core/run/config.h"

namespace fair::run {

/// Where a workload ("training", "inference") may run and what it asks for: the item's accelerator, else memory and CPU.
[[nodiscard]] Json pod_settings(const stac::Item& item, const std::string& workload, const Resources& resources, const Environment& environment);
[[nodiscard]] Json docker_settings(const std::string& image);
/// Those of a step; an empty object where it has none.
[[nodiscard]] Json pod_settings_of(const Json& step);

/// A parameter that is a href, or the only one of an object of hrefs by input name.
[[nodiscard]] Result<std::string> href_parameter(const Json& parameters, const char* key, const std::string& thing);
/// A parameter that is an object; an empty one where it is absent.
[[nodiscard]] Result<Json> object_parameter(const Json& parameters, const char* key, const std::string& thing);
/// extra.fair, or an empty object.
[[nodiscard]] Json extra_of(const Json& document);
/// That the document is a config of that kind.
[[nodiscard]] Result<> require_config(const Json& document, const std::string& thing, ConfigKind wanted);
/// Sets a member, or removes it where it is not wanted.
void put_or_drop(Json& object, const char* key, Json value, bool wanted);

}  // namespace fair::run
