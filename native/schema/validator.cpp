#include "native/schema/validator.h"

#include <algorithm>
#include <exception>
#include <jsoncons/json.hpp>
#include <jsoncons_ext/jsonschema/jsonschema.hpp>
#include <map>
#include <optional>
#include <utility>

#include "core/base/field.h"
#include "native/schema/explain.h"
#include "native/schema/linked_context.h"
#include "native/schema/prepare.h"
#include "native/schema/schema_store.h"

namespace fair::schema {
namespace {

namespace jc = jsoncons;
namespace js = jsoncons::jsonschema;
using Document = jc::json;
using Compiled = js::json_schema<Document>;

/// The library's patterns recurse once a character; a longer text would exhaust the stack.
constexpr std::size_t longest_text = 16U << 10U;

/// Member by member: printing and parsing again costs three times as much.
Document convert(const Json& json) {
  switch (json.type()) {
    case Json::value_t::object: {
      Document object(jc::json_object_arg);
      object.reserve(json.size());
      for (const auto& [key, value] : json.items()) object.try_emplace(key, convert(value));
      return object;
    }
    case Json::value_t::array: {
      Document array(jc::json_array_arg);
      array.reserve(json.size());
      for (const Json& value : json) array.push_back(convert(value));
      return array;
    }
    case Json::value_t::string: return Document(json.get_ref<const std::string&>());
    case Json::value_t::boolean: return Document(json.get<bool>());
    case Json::value_t::number_integer: return Document(json.get<std::int64_t>());
    case Json::value_t::number_unsigned: return Document(json.get<std::uint64_t>());
    case Json::value_t::number_float: return Document(json.get<double>());
    default: return Document::null();
  }
}

/// The pointer of the first text or key over the limit, or nothing.
std::optional<std::string> overlong(const Json& json, const std::string& pointer = {}) {
  if (json.is_string()) return json.get_ref<const std::string&>().size() > longest_text ? std::optional<std::string>(pointer) : std::nullopt;
  if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) {
      if (!json[i].is_structured() && !json[i].is_string()) continue;
      if (auto found = overlong(json[i], pointer + "/" + std::to_string(i))) return found;
    }
  } else if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      if (key.size() > longest_text) return pointer;
      if (!value.is_structured() && !value.is_string()) continue;
      if (auto found = overlong(value, pointer + pointer_step(key))) return found;
    }
  }
  return std::nullopt;
}

std::string base_of(const std::string& address) { return address.substr(0, address.find('#')); }

}  // namespace

struct Validator::Impl {
  /// A schema's documents by address without fragment, and what was compiled of them, for one purpose and type of document.
  struct Shelf {
    std::map<std::string, Json> documents;
    std::map<std::string, std::unique_ptr<Compiled>> compiled;  ///< null where it cannot be had
  };

  explicit Impl(Options options) : store(std::move(options)) {}

  SchemaStore store;
  std::map<std::pair<Purpose, std::string>, Shelf> shelves;
  std::map<std::string, std::string> problems;  ///< why a schema cannot be had

  /// The schema's document, prepared, or null where it cannot be had; `problem` says why.
  const Json* document(const std::string& address, Purpose purpose, const std::string& type, std::string& problem) {
    Shelf& shelf = shelves[{purpose, type}];
    const std::string base = base_of(address);
    if (const auto known = shelf.documents.find(base); known != shelf.documents.end()) return &known->second;
    const Result<std::string>& text = store.text(base);
    Result<Json> schema = text ? parse_json(*text, base) : Result<Json>(tl::unexpected(text.error()));
    if (!schema) {
      problem = schema.error().found;
      return nullptr;
    }
    prepare(*schema, purpose, type);
    return &shelf.documents.emplace(base, std::move(*schema)).first->second;
  }

  /// Null where it cannot be had; problems then says why.
  const Compiled* compiled(const std::string& address, Purpose purpose, const std::string& type) {
    Shelf& shelf = shelves[{purpose, type}];
    if (const auto known = shelf.compiled.find(address); known != shelf.compiled.end()) return known->second.get();
    std::unique_ptr<Compiled> made;
    std::string problem;
    try {
      if (const Json* const schema = document(address, purpose, type, problem)) {
        const auto resolver = [&](const jc::uri& uri) -> Document {
          const Json* const other = document(uri.base().string(), purpose, type, problem);
          return other == nullptr ? Document::null() : convert(*other);
        };
        js::evaluation_options options;
        options.default_version(js::schema_version::draft7());
        made = std::make_unique<Compiled>(js::make_json_schema(convert(*schema), address, resolver, options));
      }
    } catch (const std::exception& e) {
      if (problem.empty()) problem = e.what();
    }
    if (!made) problems.emplace(address, problem.empty() ? "no such schema" : problem);
    return shelf.compiled.emplace(address, std::move(made)).first->second.get();
  }

  /// The value of the keyword a report is about, as the schema has it.
  Json keyword_value(const std::string& location, const Shelf& shelf) const {
    const std::size_t hash = location.find('#');
    const auto known = shelf.documents.find(base_of(location));
    if (known == shelf.documents.end() || hash == std::string::npos) return {};
    try {
      const Json::json_pointer pointer(location.substr(hash + 1));
      return known->second.contains(pointer) ? known->second.at(pointer) : Json();
    } catch (const Json::exception&) {
      return {};
    }
  }

  Fault fault_of(const js::validation_message& message, const Shelf& shelf) const {
    Fault fault{message.keyword(),
                message.eval_path().string(),
                message.instance_location().string(),
                message.message(),
                keyword_value(message.schema_location().string(), shelf),
                {}};
    for (const auto& detail : message.details()) fault.details.push_back(fault_of(detail, shelf));
    return fault;
  }

  void check(const Json& json, const Document& instance, const std::string& address, stac::Findings& findings) {
    const std::string type = text_of(member(json, "type"));
    try {
      const Compiled* const quick = compiled(address, Purpose::verdict, type);
      if (quick != nullptr && quick->is_valid(instance)) return;
      const Compiled* const thorough = quick == nullptr ? nullptr : compiled(address, Purpose::report, type);
      if (thorough == nullptr) {
        findings.push_back({stac::Severity::warning, "", "schema:" + address, problems[address],
                            "not checked against this schema: go online, or give a folder of schemas with --schemas"});
        return;
      }
      const Shelf& shelf = shelves[{Purpose::report, type}];
      std::vector<Fault> faults;
      thorough->validate(instance, [&](const js::validation_message& message) {
        faults.push_back(fault_of(message, shelf));
        return faults.size() < 1000 ? js::walk_result::advance : js::walk_result::abort;
      });
      stac::Findings more = explain(faults, json, address);
      if (more.empty())
        more.push_back({stac::Severity::error, "", "schema:" + address, "a document that does not fit the schema", "compare it with the schema"});
      findings.insert(findings.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    } catch (const std::exception& e) {
      findings.push_back({stac::Severity::error, "", "schema:" + address, e.what(), "simplify the document"});
    }
  }
};

namespace {

stac::Findings too_long(const std::string& pointer) {
  return {{stac::Severity::error, pointer, "schema.text-length", "a text of more than " + std::to_string(longest_text) + " bytes",
           "shorten it; nothing was checked against schemas"}};
}

}  // namespace

Validator::Validator(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Validator::~Validator() = default;
Validator::Validator(Validator&&) noexcept = default;
Validator& Validator::operator=(Validator&&) noexcept = default;

std::vector<std::string> Validator::schemas_of(const Json& document) {
  std::vector<std::string> addresses;
  const std::string type = text_of(member(document, "type"));
  const std::string version = text_of(member(document, "stac_version"));
  const bool right =
      !version.empty() && version.size() < 40 && version.find_first_not_of("0123456789.-abcdefghijklmnopqrstuvwxyz") == std::string::npos;
  const char* const part = type == "Feature"      ? "/item-spec/json-schema/item.json"
                           : type == "Collection" ? "/collection-spec/json-schema/collection.json"
                           : type == "Catalog"    ? "/catalog-spec/json-schema/catalog.json"
                                                  : nullptr;
  if (right && part != nullptr) addresses.push_back("https://schemas.stacspec.org/v" + version + part);
  for (std::string& address : texts_of(member(document, "stac_extensions"))) addresses.push_back(std::move(address));
  return addresses;
}

stac::Findings Validator::validate(const Json& document) {
  if (const auto pointer = overlong(document)) return too_long(*pointer);
  stac::Findings findings;
  const std::vector<std::string> addresses = schemas_of(document);
  if (addresses.empty() || addresses.front().rfind("https://schemas.stacspec.org/v", 0) != 0) {
    const Json& type = member(document, "type");
    const bool typed = type == "Feature" || type == "Collection" || type == "Catalog";
    const Json& subject = typed ? member(document, "stac_version") : type;
    findings.push_back({stac::Severity::error, typed ? "/stac_version" : "/type", "stac.version", shown(subject),
                        typed ? "write the STAC version, 1.1.0" : "write Feature, Collection or Catalog: this is no STAC document"});
    if (subject.is_null()) findings.back().pointer.clear();
  }
  const Document instance = convert(document);
  for (const std::string& address : addresses) impl_->check(document, instance, address, findings);
  return findings;
}

stac::Findings Validator::validate(const Json& document, const std::string& schema_uri) {
  if (const auto pointer = overlong(document)) return too_long(*pointer);
  stac::Findings findings;
  impl_->check(document, convert(document), schema_uri, findings);
  return findings;
}

bool Validator::is_valid(const Json& document) {
  const std::vector<std::string> addresses = schemas_of(document);
  if (addresses.empty() || overlong(document)) return false;
  const Document instance = convert(document);
  const std::string type = text_of(member(document, "type"));
  return std::all_of(addresses.begin(), addresses.end(), [&](const std::string& address) {
    try {
      const Compiled* const schema = impl_->compiled(address, Purpose::verdict, type);
      return schema != nullptr && schema->is_valid(instance);
    } catch (const std::exception&) {
      return false;
    }
  });
}

}  // namespace fair::schema
