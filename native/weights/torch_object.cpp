#include "native/weights/torch_object.h"

#include <array>
#include <utility>

#include "native/weights/cursor.h"

namespace fair::weights {
namespace {

bool is(const Value& v, std::string_view module, std::string_view name) { return v.kind == Kind::global && v.text == module && v.name == name; }

Ref put(Pickled& pickle, Value value) {
  pickle.values.push_back(std::move(value));
  return static_cast<Ref>(pickle.values.size() - 1);
}

bool sizes(const Pickled& pickle, const Value& v) {
  constexpr std::size_t most_axes = 64;  // torch's own limit
  if ((v.kind != Kind::tuple && v.kind != Kind::list) || v.items.size() > most_axes) return false;
  for (const Ref r : v.items) {
    if (pickle.at(r).kind != Kind::integer) return false;
  }
  return true;
}

/// Arguments: storage, offset, sizes, strides, …
Ref tensor_of(Pickled& pickle, const Value& arguments, std::size_t dtype, const Cursor& in) {
  const auto& a = arguments.items;
  const bool whole = a.size() >= 4 && pickle.at(a[0]).kind == Kind::storage && pickle.at(a[1]).kind == Kind::integer &&
                     sizes(pickle, pickle.at(a[2])) && sizes(pickle, pickle.at(a[3])) && pickle.at(a[2]).items.size() == pickle.at(a[3]).items.size();
  if (!whole) refuse(Code::invalid, in.place(), "a tensor's storage, offset, sizes and strides", "other arguments", "the file is damaged");
  Value tensor;
  tensor.kind = Kind::tensor;
  tensor.integer = pickle.at(a[1]).integer;
  tensor.items = {a[0], a[2], a[3]};
  if (dtype != 0 && a.size() > dtype) tensor.items.push_back(a[dtype]);
  return put(pickle, std::move(tensor));
}

/// OrderedDict([[key, value], …]), as protocols 0 and 1 have it.
std::optional<Ref> dict_of(Pickled& pickle, const Value& arguments) {
  Value dict;
  dict.kind = Kind::dict;
  if (!arguments.items.empty()) {
    const Value& pairs = pickle.item(arguments, 0);
    // One list, made once, can be asked for by every opcode that follows.
    constexpr std::size_t most = 1'000'000;
    if (pairs.kind != Kind::list || (pickle.copied += pairs.items.size()) > most) return std::nullopt;
    for (const Ref r : pairs.items) {
      const Value& pair = pickle.at(r);
      if ((pair.kind != Kind::list && pair.kind != Kind::tuple) || pair.items.size() != 2) return std::nullopt;
      dict.items.insert(dict.items.end(), pair.items.begin(), pair.items.end());
    }
  }
  return put(pickle, std::move(dict));
}

}  // namespace

std::optional<Ref> known_result(Pickled& pickle, Ref callable, Ref arguments, const Cursor& in) {
  const Value& called = pickle.at(callable);
  const Value& given = pickle.at(arguments);
  if (called.kind != Kind::global || given.kind != Kind::tuple) return std::nullopt;
  if (called.text == "torch._utils") {
    if (called.name == "_rebuild_tensor_v2" || called.name == "_rebuild_tensor") return tensor_of(pickle, given, 0, in);
    if (called.name == "_rebuild_tensor_v3") return tensor_of(pickle, given, 6, in);
    const bool parameter = called.name == "_rebuild_parameter" || called.name == "_rebuild_parameter_with_state";
    if (parameter && !given.items.empty()) return given.items[0];
  }
  // A subclass of Tensor: function, class, arguments, state.
  if (is(called, "torch._tensor", "_rebuild_from_type_v2") && given.items.size() == 4) {
    const Value& function = pickle.item(given, 0);
    if (function.kind == Kind::global && function.text == "torch._utils") return known_result(pickle, given.items[0], given.items[2], in);
  }
  if (is(called, "collections", "OrderedDict")) return dict_of(pickle, given);
  if (is(called, "torch", "Size") && given.items.size() == 1 && pickle.item(given, 0).kind == Kind::tuple) return given.items[0];
  return std::nullopt;
}

Ref storage_of(Pickled& pickle, Ref id, const Cursor& in) {
  const Value& tuple = pickle.at(id);
  const auto& a = tuple.items;
  const bool whole = tuple.kind == Kind::tuple && a.size() >= 5 && pickle.is_text(a[0], "storage") && pickle.at(a[1]).kind == Kind::global &&
                     pickle.at(a[2]).kind == Kind::text && pickle.at(a[4]).kind == Kind::integer;
  if (!whole) refuse(Code::invalid, in.place(), "a reference to a tensor's storage", "another persistent id", "save the state dict with torch.save");
  Value storage;
  storage.kind = Kind::storage;
  storage.text = pickle.at(a[2]).text;
  storage.integer = pickle.at(a[4]).integer;
  storage.items = {a[1]};
  if (a.size() > 5) storage.items.push_back(a[5]);
  return put(pickle, std::move(storage));
}

onnx::ElementType element_type(const Value& global) {
  using onnx::ElementType;
  struct Named {
    std::string_view storage, dtype;
    ElementType type;
  };
  static constexpr std::array<Named, 13> names{{{"FloatStorage", "float32", ElementType::f32},
                                                {"HalfStorage", "float16", ElementType::f16},
                                                {"BFloat16Storage", "bfloat16", ElementType::bf16},
                                                {"DoubleStorage", "float64", ElementType::f64},
                                                {"LongStorage", "int64", ElementType::i64},
                                                {"IntStorage", "int32", ElementType::i32},
                                                {"ShortStorage", "int16", ElementType::i16},
                                                {"CharStorage", "int8", ElementType::i8},
                                                {"ByteStorage", "uint8", ElementType::u8},
                                                {"BoolStorage", "bool", ElementType::boolean},
                                                {"", "uint16", ElementType::u16},
                                                {"", "uint32", ElementType::u32},
                                                {"", "uint64", ElementType::u64}}};
  if (global.kind != Kind::global || (global.text != "torch" && global.text != "torch.cuda")) return ElementType::undefined;
  for (const Named& n : names) {
    if (global.name == n.storage || global.name == n.dtype) return n.type;
  }
  return ElementType::undefined;
}

}  // namespace fair::weights
