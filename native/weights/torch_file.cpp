#include "native/weights/torch_file.h"

#include <cstring>
#include <functional>
#include <map>
#include <utility>

#include "core/base/spelling.h"
#include "native/weights/cursor.h"
#include "native/weights/pickle.h"
#include "native/weights/search.h"
#include "native/weights/torch_object.h"
#include "native/weights/zip.h"

namespace fair::weights {
namespace {

using onnx::ElementType;

/// A pickled 80-bit number that torch.save began its files with before it wrote zips.
constexpr std::string_view legacy_magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);

/// Gives a storage's bytes by its key.
using Storages = std::function<std::string_view(const std::string& key)>;

/// Copies tensors out of their storages, whatever strides they were views with.
class Copier {
 public:
  Copier(const Pickled& pickle, Storages storages, std::uint64_t file_bytes, const std::string& thing)
      : pickle_(pickle), storages_(std::move(storages)), most_bytes_(8 * file_bytes + (64U << 20U)), thing_(thing) {}

  /// Nothing where its element type is not computed with here.
  bool copy(Ref ref, onnx::Tensor& out) {
    const Value& tensor = pickle_.at(ref);
    const Value& storage = pickle_.item(tensor, 0);
    ElementType type = element_type(pickle_.item(storage, 0));
    if (tensor.items.size() > 3) type = element_type(pickle_.item(tensor, 3));
    const std::size_t one = onnx::size_of(type);
    if (one == 0) return false;
    out.type = type;
    const std::string part = thing_ + " tensor '" + out.name + "'";
    std::vector<std::int64_t> strides;
    std::uint64_t elements = 1;
    for (std::size_t i = 0; i < pickle_.item(tensor, 1).items.size(); ++i) {
      out.dims.push_back(pickle_.item(pickle_.item(tensor, 1), i).integer);
      strides.push_back(pickle_.item(pickle_.item(tensor, 2), i).integer);
      if (out.dims.back() < 0 || strides.back() < 0 || (out.dims.back() > 0 && elements > most_bytes_ / static_cast<std::uint64_t>(out.dims.back())))
        refuse(Code::invalid, part, "sizes and strides of at least 0 that fit the file", "others", "the file is damaged");
      elements *= static_cast<std::uint64_t>(out.dims.back());
    }
    copied_bytes_ += elements * one;
    if (copied_bytes_ > most_bytes_)
      refuse(Code::unsupported, part, "tensors of at most eight times the file's size", "more", "save them without expand()");
    if (elements == 0) return true;
    const std::string_view bytes = bytes_of(storage, one, part);
    const std::uint64_t held = bytes.size() / one;
    std::uint64_t last = 0;
    const bool begins = tensor.integer >= 0 && static_cast<std::uint64_t>(tensor.integer) < held;
    bool fits = begins;
    if (begins) last = static_cast<std::uint64_t>(tensor.integer);
    for (std::size_t i = 0; fits && i < strides.size(); ++i) {
      const auto steps = static_cast<std::uint64_t>(out.dims[i] - 1), stride = static_cast<std::uint64_t>(strides[i]);
      fits = steps == 0 || stride <= (held - 1 - last) / steps;
      if (fits) last += steps * stride;
    }
    if (!fits)
      refuse(Code::invalid, part, "to lie within its storage of " + std::to_string(held) + " elements", "a view that runs past it",
             "the file is damaged");
    gather(bytes.substr(static_cast<std::size_t>(tensor.integer) * one), strides, one, out);
    return true;
  }

 private:
  std::string_view bytes_of(const Value& storage, std::size_t one, const std::string& part) {
    std::string_view bytes = storages_(std::string(storage.text));
    const auto numbered = [&](const Value& v) {
      return v.kind == Kind::integer && v.integer >= 0 ? static_cast<std::uint64_t>(v.integer) : UINT64_MAX;
    };
    // Files before 0.4 may say which part of a storage another one is: key, offset, size.
    if (storage.items.size() > 1 && pickle_.item(storage, 1).kind == Kind::tuple && pickle_.item(storage, 1).items.size() == 3) {
      const Value& view = pickle_.item(storage, 1);
      const std::uint64_t offset = numbered(pickle_.item(view, 1)), size = numbered(pickle_.item(view, 2)), held = bytes.size() / one;
      if (offset > held || size > held - offset)
        refuse(Code::invalid, part, "a view within its storage", "one that runs past it", "the file is damaged");
      bytes = bytes.substr(offset * one, size * one);
    }
    return bytes;
  }

  static void gather(std::string_view from, const std::vector<std::int64_t>& strides, std::size_t one, onnx::Tensor& out) {
    const auto elements = static_cast<std::size_t>(out.elements());
    out.raw.resize(elements * one);
    std::int64_t dense = 1;
    bool contiguous = true;
    for (std::size_t i = strides.size(); i-- > 0;) {
      contiguous = contiguous && (out.dims[i] == 1 || strides[i] == dense);
      dense *= out.dims[i];
    }
    if (contiguous) {
      std::memcpy(out.raw.data(), from.data(), out.raw.size());
      return;
    }
    std::vector<std::int64_t> index(strides.size(), 0);
    std::size_t at = 0;
    for (std::size_t n = 0; n < elements; ++n) {
      std::memcpy(out.raw.data() + n * one, from.data() + at * one, one);
      for (std::size_t i = strides.size(); i-- > 0;) {
        at += static_cast<std::size_t>(strides[i]);
        if (++index[i] < out.dims[i]) break;
        at -= static_cast<std::size_t>(strides[i] * out.dims[i]);
        index[i] = 0;
      }
    }
  }

  const Pickled& pickle_;
  Storages storages_;
  std::uint64_t most_bytes_, copied_bytes_ = 0;
  const std::string& thing_;
};

std::string described(const Candidate& c) { return (c.path.empty() ? "the top" : c.path) + " (" + std::to_string(c.tensors.size()) + " tensors)"; }

bool averaged(const Candidate& c) {
  const std::size_t slash = c.path.rfind('/');
  return c.path.find("ema", slash == std::string::npos ? 0 : slash + 1) != std::string::npos;
}

const Candidate& chosen(const std::vector<Candidate>& all, const std::string& key, const std::string& thing) {
  if (all.empty())
    refuse(Code::not_found, thing, "tensors by name: a state dict or a model", "none in it",
           "save model.state_dict() with torch.save, or as safetensors");
  if (!key.empty()) {
    std::vector<std::string> known;
    for (const Candidate& c : all) {
      if (c.path == key) return c;
      known.push_back(described(c));
    }
    refuse(Code::not_found, thing + " key '" + key + "'", "tensors by name", "none there, only at " + listed(known), "choose one of them");
  }
  const Candidate* best = &all.front();
  for (const Candidate& c : all) {
    // An average of the same weights is what their author evaluates and publishes.
    if (c.tensors.size() > best->tensors.size() || (c.tensors.size() == best->tensors.size() && averaged(c) && !averaged(*best))) best = &c;
  }
  return *best;
}

StateDict state_of(const Pickled& pickle, const Storages& storages, std::uint64_t file_bytes, const std::string& thing, const std::string& key) {
  const std::vector<Candidate> all = find_states(pickle, thing);
  const Candidate& best = chosen(all, key, thing);
  StateDict out;
  out.key = best.path;
  for (const Candidate& c : all) {
    constexpr std::size_t told = 20;
    if (&c != &best && out.other_keys.size() < told) out.other_keys.push_back(described(c));
  }
  out.left_out = best.others;
  Copier copier(pickle, storages, file_bytes, thing);
  for (const Candidate::Entry& entry : best.tensors) {
    onnx::Tensor t;
    t.name = entry.name;
    if (copier.copy(entry.tensor, t)) out.tensors.push_back(std::move(t));
    else out.left_out.push_back(entry.name);
  }
  return out;
}

}  // namespace

bool looks_like_zip(std::string_view bytes) { return bytes.substr(0, 4) == std::string_view("PK\x03\x04", 4); }
bool looks_like_legacy_torch(std::string_view bytes) { return bytes.substr(0, legacy_magic.size()) == legacy_magic; }

StateDict parse_torch_zip(std::string_view bytes, const std::string& thing, const std::string& key) {
  ZipArchive zip(bytes, thing);
  std::string folder;
  bool found = false;
  for (const auto& [name, entry] : zip.entries()) {
    constexpr std::string_view wanted = "data.pkl";
    const std::size_t slash = name.rfind('/');
    if (name.substr(slash == std::string::npos ? 0 : slash + 1) != wanted) continue;
    if (found) refuse(Code::invalid, thing, "one data.pkl", "several", "give one torch.save file");
    folder = name.substr(0, name.size() - wanted.size());
    found = true;
  }
  if (!found)
    refuse(Code::unsupported, thing, "a torch.save archive with a data.pkl", "a zip archive without one",
           "unpack it, or save the state dict with torch.save");
  if (zip.entries().count(folder + "byteorder") > 0 && zip.content(folder + "byteorder") != "little")
    refuse(Code::unsupported, thing, "little-endian tensors", "others", "save it again on a little-endian machine");
  const Pickled pickle = read_pickle(zip.content(folder + "data.pkl"), 0, thing + " " + folder + "data.pkl");
  const Storages storages = [&](const std::string& k) { return zip.content(folder + "data/" + k); };
  StateDict out = state_of(pickle, storages, bytes.size(), thing, key);
  out.format = "PyTorch zip";
  return out;
}

StateDict parse_torch_legacy(std::string_view bytes, const std::string& thing, const std::string& key) {
  const Pickled protocol = read_pickle(bytes, legacy_magic.size(), thing);
  if (const Value& version = protocol.at(protocol.root); version.kind != Kind::integer || version.integer != 1001)
    refuse(Code::unsupported, thing, "protocol version 1001", "another", "save it again with a current PyTorch");
  const Pickled system = read_pickle(bytes, protocol.end, thing);
  const Value* little = system.at(system.root).kind == Kind::dict ? system.member(system.at(system.root), "little_endian") : nullptr;
  if (little == nullptr || little->kind != Kind::boolean || little->integer == 0)
    refuse(Code::unsupported, thing, "little-endian tensors", "others", "save it again on a little-endian machine");
  const Pickled pickle = read_pickle(bytes, system.end, thing);
  const Pickled keys = read_pickle(bytes, pickle.end, thing);
  // Behind the pickles: every storage's count of elements and its bytes. What an element is stands with the tensors.
  std::map<std::string_view, std::size_t> sizes;
  for (const Value& v : pickle.values) {
    if (v.kind == Kind::storage) sizes.emplace(v.text, onnx::size_of(element_type(pickle.item(v, 0))));
  }
  std::map<std::string, std::string_view> held;
  Cursor in(bytes, keys.end, thing);
  if (keys.at(keys.root).kind != Kind::list) refuse(Code::invalid, in.place(), "a list of storages", "another value", "the file is damaged");
  for (const Ref r : keys.at(keys.root).items) {
    const auto size = sizes.find(keys.at(r).text);
    if (size == sizes.end() || size->second == 0)
      refuse(Code::unsupported, in.place(), "storages of tensors in known element types", "storage " + quoted(keys.at(r).text),
             "save the state dict alone");
    const std::uint64_t elements = in.number(8);
    if (elements > bytes.size())
      refuse(Code::invalid, in.place(), "a storage within the file", std::to_string(elements) + " elements", "the file is truncated");
    held[std::string(size->first)] = in.take(elements * size->second);
  }
  const Storages storages = [&](const std::string& k) {
    const auto found = held.find(k);
    if (found == held.end()) refuse(Code::invalid, thing + " storage '" + k + "'", "its bytes in the file", "none", "the file is incomplete");
    return found->second;
  };
  StateDict out = state_of(pickle, storages, bytes.size(), thing, key);
  out.format = "PyTorch legacy";
  return out;
}

}  // namespace fair::weights
