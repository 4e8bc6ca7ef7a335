// Lists of words as a person types them.
#pragma once

#include <sstream>
#include <string>
#include <vector>

namespace fair::cli {

/// "a, b,c" -> a, b and c; empty words are left out.
inline std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  std::stringstream in(text);
  for (std::string word; std::getline(in, word, ',');) {
    const auto from = word.find_first_not_of(' ');
    if (from != std::string::npos) out.push_back(word.substr(from, word.find_last_not_of(' ') - from + 1));
  }
  return out;
}

}  // namespace fair::cli
