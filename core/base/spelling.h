// Near spellings for errors: "unknown key lerning_rate; did you mean learning_rate?".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fair {

/// The candidate that differs least from `word` (edits, letters' case ignored), or "" where none is near: at most a third of its length, and 3 edits.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// `words` as "a, b, c"; "nothing" where there are none.
[[nodiscard]] std::string listed(const std::vector<std::string>& words);

}  // namespace fair
