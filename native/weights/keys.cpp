#include "native/weights/keys.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "native/onnx/state_dict.h"

namespace fair::weights {
namespace {

using onnx::ElementType;
using onnx::Tensor;

bool real(ElementType type) { return type == ElementType::f32 || type == ElementType::f16 || type == ElementType::f64 || type == ElementType::bf16; }

bool ends_with(std::string_view text, std::string_view end) { return text.size() >= end.size() && text.substr(text.size() - end.size()) == end; }

/// torch.compile puts its wrapper's name anywhere between others.
std::string unwrapped(std::string key) {
  constexpr std::string_view wrapper = "_orig_mod.";
  for (std::size_t at = key.find(wrapper); at != std::string::npos; at = key.find(wrapper, at)) {
    if (at == 0 || key[at - 1] == '.') key.erase(at, wrapper.size());
    else ++at;
  }
  return key;
}

using Names = std::unordered_map<std::string_view, std::size_t>;

struct Prefix {
  std::string text;
  std::size_t fits = 0;
};

/// The prefix of `longer` without which most of its names are among `shorter`; of equals the shortest.
template <class Each>
Prefix best_prefix(const Names& shorter, const Each& longer) {
  std::map<std::string_view, std::size_t> votes;
  for (const std::string_view name : longer) {
    for (std::size_t at = 0; at != std::string_view::npos;) {
      if (shorter.count(name.substr(at)) > 0) ++votes[name.substr(0, at)];
      at = name.find('.', at);
      if (at != std::string_view::npos) ++at;
    }
  }
  Prefix best;
  for (const auto& [prefix, fits] : votes) {
    if (fits > best.fits || (fits == best.fits && prefix.size() < best.text.size())) best = {std::string(prefix), fits};
  }
  return best;
}

KeyMatch::Pair pair_of(const Tensor& weight, const Tensor& tensor) { return {weight.name, tensor.name, described(weight), described(tensor)}; }

bool fits(const Tensor& weight, const Tensor& tensor) { return real(tensor.type) && weight.dims == tensor.dims; }

}  // namespace

std::string described(const Tensor& tensor) {
  std::string out = std::string(onnx::name(tensor.type)) + " [";
  for (std::size_t i = 0; i < tensor.dims.size(); ++i) out += (i == 0 ? "" : ", ") + std::to_string(tensor.dims[i]);
  return out + "]";
}

KeyMatch match_keys(const onnx::Graph& graph, const std::vector<Tensor>& tensors, bool by_order) {
  KeyMatch out;
  std::vector<const Tensor*> weights, given;
  std::vector<std::string> keys;
  for (const Tensor& t : graph.initializers) {
    if (real(t.type)) weights.push_back(&t);
  }
  for (const Tensor& t : tensors) {
    if (ends_with(t.name, "num_batches_tracked")) {
      ++out.ignored;
      continue;
    }
    given.push_back(&t);
    keys.push_back(unwrapped(t.name));
  }
  Names weight_names, key_names;
  for (std::size_t i = 0; i < weights.size(); ++i) weight_names.emplace(weights[i]->name, i);
  for (std::size_t i = 0; i < keys.size(); ++i) key_names.emplace(keys[i], i);
  std::vector<std::string_view> names;
  for (const Tensor* w : weights) names.push_back(w->name);
  const Prefix removed = best_prefix(weight_names, keys), added = best_prefix(key_names, names);
  if (removed.fits >= added.fits) out.removed = removed.text;
  else out.added = added.text;

  std::vector<bool> filled(weights.size(), false), used(keys.size(), false);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].compare(0, out.removed.size(), out.removed) != 0) continue;
    const std::string name = out.added + keys[i].substr(out.removed.size());
    const auto found = weight_names.find(name);
    if (found == weight_names.end() || filled[found->second]) continue;
    filled[found->second] = used[i] = true;
    const Tensor& weight = *weights[found->second];
    (fits(weight, *given[i]) ? out.matched : out.misshaped).push_back(pair_of(weight, *given[i]));
  }
  std::vector<const Tensor*> left_weights, left_keys;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!filled[i] && onnx::names_state(weights[i]->name)) left_weights.push_back(weights[i]);
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!used[i]) left_keys.push_back(given[i]);
  }
  std::size_t paired = 0;
  while (by_order && paired < std::min(left_weights.size(), left_keys.size())) {
    const bool right = fits(*left_weights[paired], *left_keys[paired]);
    (right ? out.matched : out.misshaped).push_back(pair_of(*left_weights[paired], *left_keys[paired]));
    ++paired;
    if (!right) break;  // what follows would be shifted by one
  }
  for (std::size_t i = paired; i < left_weights.size(); ++i) out.missing.push_back(left_weights[i]->name);
  for (std::size_t i = paired; i < left_keys.size(); ++i) out.unexpected.push_back(left_keys[i]->name);
  const auto statistics = [](const std::string& name) { return ends_with(name, ".running_var"); };
  const auto keeps = [&](const KeyMatch::Pair& p) { return statistics(p.weight); };
  out.folded = std::any_of(out.unexpected.begin(), out.unexpected.end(), statistics) && std::none_of(out.matched.begin(), out.matched.end(), keeps) &&
               std::none_of(out.misshaped.begin(), out.misshaped.end(), keeps) && std::none_of(out.missing.begin(), out.missing.end(), statistics);
  return out;
}

}  // namespace fair::weights
