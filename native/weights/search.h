// Where in a pickle the weights are: people nest their state dict under all kinds of keys, or save the whole model.
#pragma once

#include <string>
#include <vector>

#include "native/weights/value.h"

namespace fair::weights {

/// Tensors by name that belong together: a dict with texts for keys, or an nn.Module with all it contains.
struct Candidate {
  struct Entry {
    std::string name;
    Ref tensor = 0;
  };
  std::string path;  ///< the keys that lead to it, joined by '/'; "" at the top
  std::vector<Entry> tensors;
  std::vector<std::string> others;  ///< keys of a dict whose values are no tensors
};

/// All that hold a tensor, nearest to the top first. Modules inside modules belong to these, under dotted names as state_dict() gives them.
/// Parts nested deeper than 64 are left out; more than 100,000 modules or tensors are refused, by throwing Refused.
[[nodiscard]] std::vector<Candidate> find_states(const Pickled& pickle, const std::string& thing);

}  // namespace fair::weights
