// JSON Schema (draft-07) validation of STAC documents, with schemas from a folder, a cache or the network.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/stac/finding.h"

namespace fair::schema {

struct Options {
  /// Folder laid out as HOST/PATH (schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json). Looked in first; "" for none.
  std::filesystem::path schemas;
  /// Where downloaded schemas are kept, laid out alike; "" for none. See default_cache().
  std::filesystem::path cache;
  /// Download what neither has (http and https only, time-bounded). Without it, or offline, a missing schema is a warning and the rest is checked.
  bool download = true;
  long timeout_seconds = 10;
};

/// ${XDG_CACHE_HOME:-~/.cache}/fair-edge/schemas; "" where neither variable is set.
[[nodiscard]] std::filesystem::path default_cache();

/// Keeps compiled schemas, so that the second document costs a fraction of the first. Use from one thread at a time.
class Validator {
 public:
  explicit Validator(Options options);
  ~Validator();
  Validator(Validator&&) noexcept;
  Validator& operator=(Validator&&) noexcept;

  /// Checks an item, collection or catalogue against the STAC core schema of its stac_version and type, and against every entry of stac_extensions.
  /// One finding a fault: rule "schema:<uri>", the pointer into the document, what was found, what to do.
  [[nodiscard]] stac::Findings validate(const Json& document);

  /// Against one schema by its address.
  [[nodiscard]] stac::Findings validate(const Json& document, const std::string& schema_uri);

  /// True when every schema that the document names could be had and finds nothing. Stops at the first fault: the fast way for many documents.
  [[nodiscard]] bool is_valid(const Json& document);

  /// Addresses of the schemas that a document asks for, core first.
  [[nodiscard]] static std::vector<std::string> schemas_of(const Json& document);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fair::schema
