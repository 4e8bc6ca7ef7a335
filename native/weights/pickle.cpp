#include "native/weights/pickle.h"

#include <charconv>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "native/weights/cursor.h"
#include "native/weights/torch_object.h"

namespace fair::weights {
namespace {

constexpr std::size_t most_values = 4'000'000;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

class Machine {
 public:
  Machine(std::string_view bytes, std::size_t at, const std::string& thing) : in_(bytes, at, thing), thing_(thing) {}

  Pickled run() {
    for (;;) {
      at_ = in_.at();
      const char code = in_.take(1)[0];
      if (code == '.') break;
      if (!(plain(code) || text(code) || container(code) || memo(code) || object(code)))
        refuse(Code::invalid, place(), "a pickle opcode", std::to_string(static_cast<unsigned char>(code)), "the file is damaged, or no pickle");
      if (out_.values.size() > most_values)
        refuse(Code::unsupported, place(), "at most " + std::to_string(most_values) + " values", "more", "save the state dict alone");
    }
    out_.root = pop();
    out_.end = in_.at();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string place() const { return thing_ + " at byte " + std::to_string(at_); }
  // The stack. A mark hides what lies below it.
  Ref pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) refuse(Code::invalid, place(), "a value on the stack", "none", "the file is damaged");
    const Ref top = stack_.back();
    stack_.pop_back();
    return top;
  }
  Ref top() {
    const Ref ref = pop();
    stack_.push_back(ref);
    return ref;
  }
  std::vector<Ref> pop_to_mark() {
    if (marks_.empty()) refuse(Code::invalid, place(), "a mark on the stack", "none", "the file is damaged");
    const auto from = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Ref> items(from, stack_.end());
    stack_.erase(from, stack_.end());
    marks_.pop_back();
    return items;
  }
  Ref make(Value value) {
    out_.values.push_back(std::move(value));
    return static_cast<Ref>(out_.values.size() - 1);
  }
  void push(Value value) { stack_.push_back(make(std::move(value))); }
  bool push(Kind kind, std::int64_t integer = 0) {
    Value v;
    v.kind = kind;
    v.integer = integer;
    push(std::move(v));
    return true;
  }
  bool push_items(Kind kind, std::vector<Ref> items) {
    Value v;
    v.kind = kind;
    v.items = std::move(items);
    push(std::move(v));
    return true;
  }
  bool push_text(Kind kind, std::string_view text) {
    Value v;
    v.kind = kind;
    v.text = text;
    push(std::move(v));
    return true;
  }

  bool integer_line(std::string_view line) {
    if (!line.empty() && line.back() == 'L') line.remove_suffix(1);
    std::int64_t value = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), value);
    if (read.ec == std::errc::result_out_of_range) return push_text(Kind::big_integer, line);
    if (read.ec != std::errc() || read.ptr != line.data() + line.size())
      refuse(Code::invalid, place(), "a whole number", quoted(line), "the file is damaged");
    return push(Kind::integer, value);
  }
  bool long_bytes(std::uint64_t size) {
    const std::string_view bytes = in_.take(size);
    if (size > 8) return push_text(Kind::big_integer, bytes);
    std::uint64_t value = size > 0 && (bytes.back() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[i]);
    return push(Kind::integer, static_cast<std::int64_t>(value));
  }
  bool real(std::uint64_t bits) {
    Value v;
    v.kind = Kind::real;
    std::memcpy(&v.real, &bits, sizeof bits);
    push(std::move(v));
    return true;
  }

  bool plain(char code) {
    switch (code) {
      case 'N': return push(Kind::none);
      case '\x88': return push(Kind::boolean, 1);
      case '\x89': return push(Kind::boolean, 0);
      case 'K': return push(Kind::integer, static_cast<std::int64_t>(in_.number(1)));
      case 'M': return push(Kind::integer, static_cast<std::int64_t>(in_.number(2)));
      case 'J': return push(Kind::integer, static_cast<std::int32_t>(in_.number(4)));
      case '\x8a': return long_bytes(in_.number(1));
      case '\x8b': return long_bytes(in_.number(4));
      case 'L': return integer_line(in_.line());
      case 'I': {
        const std::string_view line = in_.line();
        if (line == "00" || line == "01") return push(Kind::boolean, line == "01" ? 1 : 0);
        return integer_line(line);
      }
      case 'G': {
        std::uint64_t bits = 0;
        for (const char c : in_.take(8)) bits = bits << 8U | static_cast<unsigned char>(c);
        return real(bits);
      }
      case 'F': {
        const std::string_view line = in_.line();
        double value = 0;
        const auto read = std::from_chars(line.data(), line.data() + line.size(), value);
        if (read.ptr != line.data() + line.size()) refuse(Code::invalid, place(), "a number", quoted(line), "the file is damaged");
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        return real(bits);
      }
      case '\x80':
        if (const auto version = in_.number(1); version > 5)
          refuse(Code::unsupported, place(), "pickle protocol 0 to 5", std::to_string(version), "save with a pickle_protocol that is known");
        return true;
      case '\x95': in_.take(8); return true;  // a frame's length: nothing depends on it
      default: return false;
    }
  }

  /// Texts of protocol 0 are spelled as Python source has them.
  std::string_view unescaped(std::string_view line) {
    if (line.find('\\') == std::string_view::npos) return line;
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] != '\\' || i + 1 == line.size()) {
        out += line[i];
        continue;
      }
      const char kind = line[++i];
      const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 0;
      std::uint32_t code = 0;
      bool whole = digits > 0 && i + digits < line.size();
      for (std::size_t k = 1; whole && k <= digits; ++k) {
        const int digit = hex_digit(line[i + k]);
        whole = digit >= 0;
        code = code * 16 + static_cast<std::uint32_t>(digit);
      }
      if (whole && code < 0x80) {
        out += static_cast<char>(code);
        i += digits;
      } else if (kind == '\\' || kind == '\'' || kind == '"') {
        out += kind;
      } else {  // names of weights are plain: what is not stays as it is spelled
        out += '\\';
        out += kind;
      }
    }
    out_.made.push_back(std::move(out));
    return out_.made.back();
  }
  std::string_view unquoted(std::string_view line) {
    const bool whole = line.size() >= 2 && (line[0] == '\'' || line[0] == '"') && line.back() == line[0];
    if (!whole) refuse(Code::invalid, place(), "a quoted text", quoted(line), "the file is damaged");
    return unescaped(line.substr(1, line.size() - 2));
  }

  bool text(char code) {
    switch (code) {
      case 'X': return push_text(Kind::text, in_.take(in_.number(4)));
      case '\x8c': return push_text(Kind::text, in_.take(in_.number(1)));
      case '\x8d': return push_text(Kind::text, in_.take(in_.number(8)));
      case 'V': return push_text(Kind::text, unescaped(in_.line()));
      case 'S': return push_text(Kind::text, unquoted(in_.line()));
      case 'T': return push_text(Kind::text, in_.take(in_.number(4)));  // Python 2's strings name things as texts do
      case 'U': return push_text(Kind::text, in_.take(in_.number(1)));
      case 'B': return push_text(Kind::bytes, in_.take(in_.number(4)));
      case 'C': return push_text(Kind::bytes, in_.take(in_.number(1)));
      case '\x8e':
      case '\x96': return push_text(Kind::bytes, in_.take(in_.number(8)));
      default: return false;
    }
  }

  /// Where elements or members put into `ref` go: itself, or that place of an object.
  Ref inside(Ref ref, Kind kind) {
    const Kind own = out_.at(ref).kind;
    if (own == kind || (own == Kind::set && kind == Kind::list)) return ref;
    if (own != Kind::object) refuse(Code::invalid, place(), kind == Kind::dict ? "a dict" : "a list", "another value", "the file is damaged");
    const std::size_t slot = kind == Kind::dict ? Object::members : Object::elements;
    if (out_.at(out_.at(ref).items[slot]).kind == Kind::none) {
      Value v;
      v.kind = kind;
      const Ref made = make(std::move(v));
      out_.values[ref].items[slot] = made;
    }
    return out_.at(ref).items[slot];
  }
  bool add(Kind kind, const std::vector<Ref>& items) {
    if (kind == Kind::dict && items.size() % 2 != 0) refuse(Code::invalid, place(), "keys with values", "a key without one", "the file is damaged");
    auto& into = out_.values[inside(top(), kind)].items;
    into.insert(into.end(), items.begin(), items.end());
    return true;
  }

  bool container(char code) {
    switch (code) {
      case '(': marks_.push_back(stack_.size()); return true;
      case ')': return push(Kind::tuple);
      case ']': return push(Kind::list);
      case '}': return push(Kind::dict);
      case '\x8f': return push(Kind::set);
      case 't': return push_items(Kind::tuple, pop_to_mark());
      case 'l': return push_items(Kind::list, pop_to_mark());
      case '\x91': return push_items(Kind::set, pop_to_mark());
      case 'd': {
        std::vector<Ref> items = pop_to_mark();
        push(Kind::dict);
        return add(Kind::dict, items);
      }
      case '\x85':
      case '\x86':
      case '\x87': {
        std::vector<Ref> items(static_cast<std::size_t>(static_cast<unsigned char>(code) - 0x84U));
        for (std::size_t i = items.size(); i-- > 0;) items[i] = pop();
        return push_items(Kind::tuple, std::move(items));
      }
      case 'a': return add(Kind::list, {pop()});
      case 'e':
      case '\x90': return add(Kind::list, pop_to_mark());
      case 's': {
        const Ref value = pop(), key = pop();
        return add(Kind::dict, {key, value});
      }
      case 'u': return add(Kind::dict, pop_to_mark());
      default: return false;
    }
  }

  bool recall(std::uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end())
      refuse(Code::invalid, place(), "a value kept before", "none under number " + std::to_string(index), "the file is damaged");
    stack_.push_back(found->second);
    return true;
  }
  bool keep(std::uint64_t index) {
    memo_[index] = top();
    return true;
  }
  std::uint64_t index_line() {
    const std::string_view line = in_.line();
    std::uint64_t value = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), value);
    if (read.ec != std::errc() || read.ptr != line.data() + line.size())
      refuse(Code::invalid, place(), "a number", quoted(line), "the file is damaged");
    return value;
  }
  bool memo(char code) {
    switch (code) {
      case 'q': return keep(in_.number(1));
      case 'r': return keep(in_.number(4));
      case 'p': return keep(index_line());
      case '\x94': return keep(memo_.size());
      case 'h': return recall(in_.number(1));
      case 'j': return recall(in_.number(4));
      case 'g': return recall(index_line());
      case '2': stack_.push_back(top()); return true;
      case '1': pop_to_mark(); return true;
      case '0':
        if (!marks_.empty() && marks_.back() == stack_.size()) marks_.pop_back();
        else pop();
        return true;
      default: return false;
    }
  }

  Ref global(std::string_view module, std::string_view name) {
    Value v;
    v.kind = Kind::global;
    v.text = module;
    v.name = name;
    return make(std::move(v));
  }
  bool call(Ref callable, Ref arguments) {
    if (const auto known = known_result(out_, callable, arguments, in_)) {
      stack_.push_back(*known);
      return true;
    }
    Value none;
    const Ref nothing = make(std::move(none));
    return push_items(Kind::object, {callable, arguments, nothing, nothing, nothing});
  }
  bool call_with(Ref callable, std::vector<Ref> arguments) {
    push_items(Kind::tuple, std::move(arguments));
    return call(callable, pop());
  }
  bool object(char code) {
    switch (code) {
      case 'c': {
        const std::string_view module = in_.line();
        stack_.push_back(global(module, in_.line()));
        return true;
      }
      case '\x93': {
        const Ref name = pop(), module = pop();
        if (out_.at(name).kind != Kind::text || out_.at(module).kind != Kind::text)
          refuse(Code::invalid, place(), "a module's and a class's name", "other values", "the file is damaged");
        stack_.push_back(global(out_.at(module).text, out_.at(name).text));
        return true;
      }
      case '\x82':
      case '\x83':
      case '\x84': {  // numbers that some program has agreed on with itself
        in_.take(code == '\x82' ? 1 : code == '\x83' ? 2 : 4);
        stack_.push_back(global("copyreg", "extension"));
        return true;
      }
      case 'R':
      case '\x81': {
        const Ref arguments = pop(), callable = pop();
        return call(callable, arguments);
      }
      case '\x92': {
        const Ref named = pop(), arguments = pop(), cls = pop();
        (void)named;
        return call(cls, arguments);
      }
      case 'i': {
        const std::string_view module = in_.line();
        const Ref cls = global(module, in_.line());
        return call_with(cls, pop_to_mark());
      }
      case 'o': {
        std::vector<Ref> items = pop_to_mark();
        if (items.empty()) refuse(Code::invalid, place(), "a class", "nothing", "the file is damaged");
        const Ref cls = items.front();
        items.erase(items.begin());
        return call_with(cls, std::move(items));
      }
      case 'b': {
        const Ref state = pop(), target = top();
        // Attributes of dicts and tensors (_metadata, hooks) say nothing about weights.
        if (out_.at(target).kind == Kind::object) out_.values[target].items[Object::state] = state;
        return true;
      }
      case 'Q': stack_.push_back(storage_of(out_, pop(), in_)); return true;
      case 'P':
        refuse(Code::unsupported, place(), "a reference to a tensor's storage", "a persistent id as text", "save the state dict with torch.save");
      case '\x97':
      case '\x98': refuse(Code::unsupported, place(), "values inside the pickle", "a buffer outside it", "save the state dict with torch.save");
      default: return false;
    }
  }

  Cursor in_;
  const std::string& thing_;
  std::size_t at_ = 0;  ///< of the opcode in hand
  Pickled out_;
  std::vector<Ref> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, Ref> memo_;
};

}  // namespace

Pickled read_pickle(std::string_view bytes, std::size_t at, const std::string& thing) { return Machine(bytes, at, thing).run(); }

}  // namespace fair::weights
