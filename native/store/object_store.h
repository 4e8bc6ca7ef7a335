// Where artifacts lie, apart from the catalogue that names them: a folder (local) or a bucket (production). One suite of tests holds for both.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace fair::store {

struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;
  std::string sha256;  ///< lower-case hexadecimal; "" where the store was not told, and in listings
};

/// Keys are relative paths with '/' between their parts: "runs/2026…/model.onnx". Keys that are empty, absolute or climb out are Code::usage.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// Stores a file's bytes under the key: whole or not at all, in place of what was there. Read piece by piece; a large one that was broken off goes
  /// on where it stopped. Gives what is stored, with its checksum.
  virtual Result<ObjectInfo> put(const std::string& key, const std::filesystem::path& file) = 0;
  /// Brings it to `file`, which appears whole or not at all. What came is compared with the checksum the store was told: Code::invalid where they
  /// differ. A large one that was broken off goes on where it stopped. Code::not_found.
  virtual Result<ObjectInfo> get(const std::string& key, const std::filesystem::path& file) = 0;
  /// Nothing where there is none.
  [[nodiscard]] virtual Result<std::optional<ObjectInfo>> info(const std::string& key) = 0;
  /// Every key that begins with the prefix, in their order.
  [[nodiscard]] virtual Result<std::vector<ObjectInfo>> list(const std::string& prefix) = 0;
  virtual Result<> remove(const std::string& key) = 0;  ///< none there is no error

  /// Small texts, such as journals. Code::not_found.
  [[nodiscard]] virtual Result<std::string> read(const std::string& key) = 0;
  virtual Result<> write(const std::string& key, const std::string& text) = 0;
  /// Writes it only where nothing is yet; false where somebody was quicker.
  [[nodiscard]] virtual Result<bool> create(const std::string& key, const std::string& text) = 0;

  /// The http(s) URL that items give for the key.
  [[nodiscard]] virtual std::string href(const std::string& key) const = 0;
  /// An address that lets whoever holds it read the object for that many seconds; the plain href where everybody may.
  [[nodiscard]] virtual Result<std::string> presigned(const std::string& key, int seconds) = 0;
  /// How people name the store: "folder …/artifacts", "s3://bucket/prefix".
  [[nodiscard]] virtual std::string name() const = 0;
};

/// Takes away every object whose key begins with the prefix.
Result<> remove_below(ObjectStore& store, const std::string& prefix);

/// Code::usage for keys that no store takes.
Result<> check_key(const std::string& key);

}  // namespace fair::store
