// What a pickle says, as inert values: nothing in it is looked up, called or made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace fair::weights {

/// A value's number in its Pickled. Values may hold each other in circles, so whoever walks them keeps count.
using Ref = std::uint32_t;

enum class Kind : std::uint8_t {
  none,
  boolean,
  integer,
  real,
  text,
  bytes,
  big_integer,  ///< beyond 64 bits; `text` has its bytes
  tuple,
  list,
  set,
  dict,     ///< keys and values in turn
  global,   ///< a class or function by module and name
  object,   ///< whatever a class or function would have made: see Object
  storage,  ///< torch's: `items` are class, view
  tensor,   ///< torch's: `items` are storage, sizes, strides, element type or none
};

struct Value {
  Kind kind = Kind::none;
  std::int64_t integer = 0;  ///< boolean, integer; a storage's count of elements; a tensor's offset in them
  double real = 0;
  std::string_view text;  ///< text, bytes; a global's module; a storage's key
  std::string_view name;  ///< a global's name
  std::vector<Ref> items;
};

/// Places in an object's items.
struct Object {
  enum : std::size_t { cls = 0, arguments = 1, state = 2, members = 3, elements = 4 };  ///< members: a dict; elements: a list
};

/// All values of a pickle. Texts are views of the bytes it was read from, or of `made`.
struct Pickled {
  std::vector<Value> values;
  std::deque<std::string> made;  ///< texts that the pickle spelled with escapes
  Ref root = 0;
  std::size_t end = 0;     ///< offset behind the pickle
  std::size_t copied = 0;  ///< items that values took over from others

  [[nodiscard]] const Value& at(Ref ref) const { return values[ref]; }
  [[nodiscard]] const Value& item(const Value& of, std::size_t i) const { return values[of.items[i]]; }
  [[nodiscard]] bool is_text(Ref ref, std::string_view text) const { return at(ref).kind == Kind::text && at(ref).text == text; }
  /// The value under a text key of a dict, or null.
  [[nodiscard]] const Value* member(const Value& dict, std::string_view key) const {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      if (is_text(dict.items[i], key)) return &at(dict.items[i + 1]);
    }
    return nullptr;
  }
};

}  // namespace fair::weights
