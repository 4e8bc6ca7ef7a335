// Checksums that others compute too (FIPS 180-4, RFC 1321, RFC 2104).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace fair::io {

/// Bytes as lower-case hexadecimal.
[[nodiscard]] std::string hexadecimal(std::string_view bytes);

/// A checksum that grows with what it is given.
class Digest {
 public:
  enum class Kind { sha256, md5 };
  explicit Digest(Kind kind);
  Digest(Digest&&) noexcept;
  ~Digest();
  void add(const void* data, std::size_t size);
  /// The raw bytes; once.
  [[nodiscard]] std::string take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string sha256(std::string_view bytes);                            ///< raw
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view text);  ///< raw

[[nodiscard]] std::string base64(std::string_view bytes);  ///< RFC 4648, with padding
/// Code::invalid names `thing`.
[[nodiscard]] Result<std::string> from_base64(const std::string& text, const std::string& thing);

/// Of a stretch of a file; hexadecimal. Code::io.
[[nodiscard]] Result<std::string> digest_of(Digest::Kind kind, const std::filesystem::path& file, std::uint64_t first = 0,
                                            std::uint64_t size = UINT64_MAX);

/// SHA-256 of a whole file; hexadecimal.
[[nodiscard]] inline Result<std::string> sha256_of(const std::filesystem::path& file) { return digest_of(Digest::Kind::sha256, file); }

}  // namespace fair::io
