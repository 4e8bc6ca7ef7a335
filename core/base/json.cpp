#include "core/base/json.h"

#include <utility>

#ifdef FAIR_JSON_INSTANTIATED
template class nlohmann::basic_json<nlohmann::ordered_map>;
#endif

namespace fair {
namespace {

/// Deepest nesting of brackets outside strings: cheap, and done before the parser recurses.
std::size_t depth_of(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = ++depth > deepest ? depth : deepest;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

/// Builds a document as nlohmann's own reader does, keeping what was wrong instead of throwing it: browsers download neither its callbacks nor its
/// exceptions' texts.
class Builder {
 public:
  using number_integer_t = Json::number_integer_t;
  using number_unsigned_t = Json::number_unsigned_t;
  using number_float_t = Json::number_float_t;
  using string_t = Json::string_t;
  using binary_t = Json::binary_t;

  bool null() { return value(nullptr); }
  bool boolean(bool given) { return value(given); }
  bool number_integer(number_integer_t given) { return value(given); }
  bool number_unsigned(number_unsigned_t given) { return value(given); }
  bool number_float(number_float_t given, const string_t&) { return value(given); }
  bool string(string_t& given) { return value(std::move(given)); }
  bool binary(binary_t&) { return false; }
  bool start_object(std::size_t) { return open(Json::value_t::object); }
  bool start_array(std::size_t) { return open(Json::value_t::array); }
  bool key(string_t& given) {
    slot_ = &(*open_.back())[given];
    return true;
  }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t, const std::string&, const Json::exception& e) {
    fault = e.what();
    return false;
  }

  Json root;
  std::string fault;

 private:
  Json* place(Json given) {
    if (open_.empty()) return &(root = std::move(given));
    if (!open_.back()->is_array()) return &(*slot_ = std::move(given));
    open_.back()->push_back(std::move(given));
    return &open_.back()->back();
  }
  bool value(Json given) {
    place(std::move(given));
    return true;
  }
  bool open(Json::value_t kind) {
    open_.push_back(place(Json(kind)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<Json*> open_;
  Json* slot_ = nullptr;
};

/// The document, or what is wrong with it.
tl::expected<Json, std::string> built(std::string_view text) {
  Builder builder;
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) return tl::make_unexpected(std::move(builder.fault));
  return std::move(builder.root);
}

}  // namespace

Result<Json> parse_json(std::string_view text, const std::string& thing, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return fail(Code::invalid, thing, "JSON of at most " + std::to_string(limits.max_bytes) + " bytes", std::to_string(text.size()) + " bytes",
                "check that this is the right file");
  }
  if (const std::size_t depth = depth_of(text); depth > limits.max_depth) {
    return fail(Code::invalid, thing, "JSON nested at most " + std::to_string(limits.max_depth) + " deep", std::to_string(depth) + " levels",
                "flatten the document");
  }
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  auto document = built(text);
  if (document) return std::move(*document);
  std::string what = std::move(document.error());
  if (const auto at = what.find("] "); at != std::string::npos) what.erase(0, at + 2);
  return fail(Code::invalid, thing, "a JSON document", what, "open it at that place and correct it");
}

std::optional<Json> json_from(std::string_view text) {
  auto value = built(text);
  if (!value) return std::nullopt;
  return std::move(*value);
}

Object& Object::add(const char* key, Json value) {
  json_[key] = std::move(value);
  return *this;
}
Object& Object::add(const char* key, const char* value) { return add(key, Json(value)); }
Object& Object::add(const char* key, const std::string& value) { return add(key, Json(value)); }
Object& Object::add(const char* key, double value) { return add(key, Json(value)); }
Object& Object::add(const char* key, std::int32_t value) { return add(key, Json(value)); }
Object& Object::add(const char* key, std::int64_t value) { return add(key, Json(value)); }
Object& Object::add(const char* key, bool value) { return add(key, Json(value)); }
Object& Object::add(const char* key, const std::vector<std::string>& values) { return add(key, Json(values)); }
Object& Object::add(const char* key, const std::vector<std::int64_t>& values) { return add(key, Json(values)); }

Json Object::take() { return std::exchange(json_, Json::object()); }

std::string to_text(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace fair
