#include "native/io/class_table.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

namespace fair::io {
namespace {

using Fields = std::vector<std::string>;

/// One record at a time; quoted fields may hold separators, quotes and line ends.
class Records {
 public:
  Records(std::string_view text, const std::string& thing) : text_(text), thing_(thing) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") text_.remove_prefix(3);
    const std::string_view header = text_.substr(0, text_.find('\n'));
    separator_ = ',';
    for (const char c : {';', '\t'}) {
      if (header.find(',') == std::string_view::npos && header.find(c) != std::string_view::npos) separator_ = c;
    }
  }

  /// Nothing at the end; empty lines are passed over.
  Result<std::optional<Fields>> next() {
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) step();
    if (at_ >= text_.size()) return std::optional<Fields>();
    line_ = here_;
    Fields fields(1);
    while (at_ < text_.size() && text_[at_] != '\n') {
      if (text_[at_] == '"' && fields.back().empty()) {
        FAIR_TRY(quoted(fields.back()));
      } else if (text_[at_] == separator_) {
        fields.emplace_back();
        step();
      } else {
        if (text_[at_] != '\r') fields.back() += text_[at_];
        step();
      }
    }
    for (std::string& field : fields) trim(field);
    return std::optional<Fields>(std::move(fields));
  }
  [[nodiscard]] std::int64_t line() const { return line_; }

 private:
  void step() { here_ += text_[at_++] == '\n' ? 1 : 0; }

  Result<> quoted(std::string& out) {
    for (step(); at_ < text_.size(); step()) {
      if (text_[at_] == '"') {
        step();
        if (at_ >= text_.size() || text_[at_] != '"') return {};
      }
      out += text_[at_];
    }
    return fail(Code::invalid, thing_ + " line " + std::to_string(line_), "a closing quote", "the end of the file", "close the quoted field");
  }

  static void trim(std::string& text) {
    const auto space = [](char c) { return c == ' ' || c == '\t'; };
    text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), space));
    text.erase(std::find_if_not(text.rbegin(), text.rend(), space).base(), text.end());
  }

  std::string_view text_;
  const std::string& thing_;
  char separator_ = ',';
  std::size_t at_ = 0;
  std::int64_t here_ = 1, line_ = 1;
};

std::optional<std::size_t> column(const Fields& header, std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      std::string lower = header[i];
      std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      if (lower == name) return i;
    }
  }
  return std::nullopt;
}

std::string joined(const Fields& fields) {
  std::string out;
  for (const std::string& field : fields) out += (out.empty() ? "" : ", ") + field;
  return out.substr(0, 120);
}

}  // namespace

Result<ClassTable> parse_class_table(std::string_view text, const std::string& thing) {
  Records records(text, thing);
  FAIR_TRY_ASSIGN(const auto header, records.next());
  const auto file = header ? column(*header, {"filename", "file_name", "file", "image", "path", "chip", "name"}) : std::nullopt;
  const auto cls = header ? column(*header, {"class_name", "class", "label", "category"}) : std::nullopt;
  if (!file || !cls || *file == *cls) {
    return fail(Code::invalid, thing + " line 1", "a header with a column for the file (filename, image …) and one for the class (class, label …)",
                header ? joined(*header) : "an empty file", "add the header");
  }
  ClassTable out;
  while (true) {
    FAIR_TRY_ASSIGN(const auto fields, records.next());
    if (!fields) return out;
    const std::string at = thing + " line " + std::to_string(records.line());
    if (fields->size() <= std::max(*file, *cls) || (*fields)[*file].empty() || (*fields)[*cls].empty())
      return fail(Code::invalid, at, "a file and its class", joined(*fields), "correct the line");
    const std::string stem = std::filesystem::path((*fields)[*file]).stem().string();
    const auto [there, is_new] = out.emplace(stem, ClassRow{(*fields)[*cls], records.line()});
    if (!is_new && there->second.class_name != (*fields)[*cls]) {
      return fail(Code::invalid, at, "one class a chip",
                  stem + " is " + there->second.class_name + " on line " + std::to_string(there->second.line) + " and " + (*fields)[*cls] + " here",
                  "keep one of the lines");
    }
  }
}

}  // namespace fair::io
