// Zip archives as torch.save writes them (APPNOTE 6.3: stored or deflated entries, zip64).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace fair::weights {

/// Entries by name, found through the central directory. The bytes it was opened on must outlive it. Members throw Refused.
class ZipArchive {
 public:
  struct Entry {
    std::uint64_t packed = 0, size = 0, header = 0;  ///< bytes in the file, bytes unpacked, where its local header stands
    std::uint32_t crc = 0;
    std::uint16_t method = 0;  ///< 0 stored, 8 deflated
  };

  ZipArchive(std::string_view bytes, std::string thing);

  [[nodiscard]] const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }
  /// An entry's content, its checksum compared. What had to be inflated is kept until the archive goes.
  [[nodiscard]] std::string_view content(std::string_view name);

 private:
  [[nodiscard]] std::string_view packed(std::string_view name, const Entry& entry) const;

  std::string_view bytes_;
  std::string thing_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::map<std::string, std::string, std::less<>> inflated_;
  std::uint64_t inflated_bytes_ = 0;
};

}  // namespace fair::weights
