// A table that says which class a chip shows: CSV with a header.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace fair::io {

struct ClassRow {
  std::string class_name;
  std::int64_t line = 0;  ///< in the file, from 1
};

/// By file stem.
using ClassTable = std::map<std::string, ClassRow>;

/// Reads RFC 4180 text (also with semicolons or tabs, a byte order mark, LF): a column named file, filename, file_name, image, path, chip or name and
/// one named class, class_name, label or category, in any order and case; others are passed over. Errors name the line.
[[nodiscard]] Result<ClassTable> parse_class_table(std::string_view text, const std::string& thing);

}  // namespace fair::io
