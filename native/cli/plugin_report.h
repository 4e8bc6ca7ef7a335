// What `fair plugins check` looked at, one line a thing.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/json.h"

namespace fair::cli {

class PluginReport {
 public:
  void good(const std::string& what, const std::string& detail) { add(what, "ok", detail, {}); }
  void skipped(const std::string& what, const std::string& why) { add(what, "skipped", why, {}); }
  void faults(const std::string& what, const std::vector<std::string>& faults) { add(what, "fault", "", faults); }
  /// Faults, or where there are none that all is well.
  void either(const std::string& what, const std::vector<std::string>& found, const std::string& detail) {
    if (found.empty()) good(what, detail);
    else faults(what, found);
  }
  [[nodiscard]] bool clean() const { return clean_; }
  [[nodiscard]] const Json& lines() const { return lines_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void add(const std::string& what, const std::string& state, const std::string& detail, const std::vector<std::string>& faults) {
    clean_ = clean_ && faults.empty();
    lines_.push_back({{"what", what}, {"state", state}, {"detail", detail}, {"faults", faults}});
    text_ += "  " + state + std::string(9 - state.size(), ' ') + what + (detail.empty() ? "" : ": " + detail) + "\n";
    for (const std::string& fault : faults) text_ += "           " + fault + "\n";
  }
  bool clean_ = true;
  Json lines_ = Json::array();
  std::string text_;
};

/// As people read a file's size.
inline std::string sized(const std::filesystem::path& file) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(file, error);
  char text[48];
  std::snprintf(text, sizeof text, "%.1f KB", error ? 0.0 : static_cast<double>(bytes) / 1000);
  return text;
}

}  // namespace fair::cli
