// The manifest that a fixture of broken plugins would have if it were sound.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/json.h"
#include "native/io/digest.h"
#include "native/plugins/verify.h"

namespace fair::plugins::test_support {

/// Of this platform, with the sum of `binary`.
inline Json fixture_manifest(const std::string& name, const std::filesystem::path& binary) {
  Json json = Json::parse(R"({"version":"1","abi":"1.0","licence":"Apache-2.0","tasks":["semantic-segmentation"]})");
  json["name"] = name;
  json["processing"] = {{"pre", {name + ":pre"}}, {"post", {name + ":post"}}};
  json["platform"] = platform();
  json["sha256"] = *io::sha256_of(binary);
  return json;
}

}  // namespace fair::plugins::test_support
