// Where a schema's text comes from: the given folder, the cache, the network; each address looked up once.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/base/error.h"
#include "native/schema/validator.h"

namespace fair::schema {

/// HOST/PATH of an http(s) address without its fragment; Code::invalid for any other address and for one that climbs out of its host.
[[nodiscard]] Result<std::filesystem::path> path_of(const std::string& address);

class SchemaStore {
 public:
  explicit SchemaStore(Options options) : options_(std::move(options)) {}
  /// The text, kept for the next time; so is a failure, so that an offline run waits once for each schema.
  [[nodiscard]] const Result<std::string>& text(const std::string& address);

 private:
  [[nodiscard]] Result<std::string> find(const std::string& address) const;

  Options options_;
  std::map<std::string, Result<std::string>> known_;
};

}  // namespace fair::schema
