#include "core/stac/rules.h"

#include <algorithm>
#include <vector>

#include "core/base/spelling.h"
#include "core/stac/rule_book.h"

namespace fair::stac {
namespace {

bool declares(const Item& item, std::string_view part) {
  for (const std::string& uri : texts_of(member(item.json(), "stac_extensions"))) {
    if (uri.find(part) != std::string::npos) return true;
  }
  return false;
}

void required(RuleBook& book) {
  using Keys = std::vector<const char*>;
  const Keys base{
      "title",          "description",       "mlm:name",        "mlm:architecture",         "mlm:tasks", "mlm:framework", "mlm:framework_version",
      "mlm:pretrained", "mlm:input",         "mlm:output",      "mlm:hyperparameters",      "keywords",  "version",       "license",
      "providers",      "fair:metrics_spec", "fair:split_spec", "fair:hyperparameters_spec"};
  const Keys local{"title",
                   "description",
                   "mlm:name",
                   "mlm:architecture",
                   "mlm:tasks",
                   "mlm:framework",
                   "mlm:framework_version",
                   "mlm:pretrained",
                   "mlm:pretrained_source",
                   "mlm:input",
                   "mlm:output",
                   "mlm:hyperparameters",
                   "keywords",
                   "version",
                   "deprecated",
                   "providers",
                   "fair:user_id",
                   "fair:base_model_id",
                   "fair:dataset_id"};
  const Keys dataset{"title",    "description", "label:type", "label:tasks", "label:classes", "label:properties", "label:description",
                     "keywords", "version",     "deprecated", "providers",   "fair:user_id"};
  const Keys& wanted = book.kind == Kind::base_model ? base : book.kind == Kind::local_model ? local : dataset;
  for (const char* const key : wanted) {
    // label:properties is null for masks, as the label extension asks.
    if (!book.item.properties().contains(key)) book.error("/properties", "fair.required", std::string("no ") + key, std::string("add ") + key);
  }
  for (const char* const key : {"chips", "labels"}) {
    if (book.kind == Kind::dataset && book.item.asset_href(key).empty())
      book.error("/assets", "fair.required", std::string("no asset ") + key + " with a href", std::string("add the asset ") + key);
  }
  const Json& providers = book.item.property("providers");
  if (providers.is_array() && providers.empty()) book.error("/properties/providers", "fair.required", "no provider", "name who made it");
}

void keywords(RuleBook& book) {
  const Vocabulary& vocabulary = *book.options.vocabulary;
  const Json& words = book.item.property("keywords");
  if (!words.is_array()) return;
  bool feature = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string at = "/properties/keywords/" + std::to_string(i);
    const std::string word = text_of(words[i]);
    feature = feature || vocabulary.is_feature(word);
    if (vocabulary.knows(word)) continue;
    const std::string near = nearest(word, vocabulary.words());
    book.error(at, "fair.keywords-vocabulary", shown(words[i]),
               near.empty() ? "use one of " + listed(vocabulary.words()) : "did you mean " + near + "?");
  }
  if (!feature)
    book.error("/properties/keywords", "fair.keyword-feature", "no keyword that names a feature", "add one of " + listed(vocabulary.features));
}

void identity(RuleBook& book) {
  if (!safe_id(book.item.id())) {
    book.error("/id", "fair.safe-id", shown(member(book.item.json(), "id")),
               "use letters, digits, '.', '_' and '-', at most 200 bytes, not starting with '.'");
  }
  const std::string name = book.item.text("mlm:name");
  if (book.is_model() && !name.empty() && !model_name(name)) {
    book.error("/properties/mlm:name", "fair.model-name", shown(book.item.property("mlm:name")),
               "use at least three of letters, digits, '.', '_', '-' and spaces, a letter first, a letter or a digit last");
  }
  const Json& version = book.item.property("version");
  if (version.is_string() && version.get_ref<const std::string&>().empty())
    book.error("/properties/version", "fair.version", "an empty version", "number the version from 1");
}

bool is_http(const std::string& href) { return href.compare(0, 7, "http://") == 0 || href.compare(0, 8, "https://") == 0; }

void hrefs(RuleBook& book) {
  const Json& assets = member(book.item.json(), "assets");
  if (assets.is_object()) {
    for (const auto& [key, asset] : assets.items()) {
      const std::string href = text_of(member(asset, "href"));
      const std::string at = "/assets" + pointer_step(key) + "/href";
      if (href.empty()) {
        book.error("/assets" + pointer_step(key), "fair.href", "no href", "say where the asset is");
      } else if (climbs_out(href)) {
        // Real datasets are described beside their data ("../train/oam"); only publishing them makes such a path meaningless.
        const bool refused = book.kind != Kind::dataset || book.options.published || is_http(href);
        book.findings.push_back({refused ? Severity::error : Severity::warning, at, "fair.href-climbs", shown(member(asset, "href")),
                                 "give a path that stays inside the item's folder, or a full address"});
      } else if (book.is_model() && (key == "checkpoint" || key == "model") && !is_http(href)) {
        book.error(at, "fair.href-http", shown(member(asset, "href")), "give an address that starts with http:// or https://");
      }
    }
  }
  const Json& links = member(book.item.json(), "links");
  for (std::size_t i = 0; i < links.size() && links.is_array(); ++i) {
    const std::string href = text_of(member(links[i], "href"));
    // A catalogue's own links climb two folders: <collection>/<id>/<id>.json -> catalog.json.
    const std::string from_item = is_http(href) || href.find("://") != std::string::npos ? href : "a/b/" + href;
    if (!href.empty() && climbs_out(from_item)) {
      book.error("/links/" + std::to_string(i) + "/href", "fair.href-climbs", shown(links[i]["href"]),
                 "links may climb to the catalogue's folder, no further");
    }
  }
}

}  // namespace

const char* name(Kind kind) {
  switch (kind) {
    case Kind::base_model: return "base model";
    case Kind::local_model: return "local model";
    case Kind::dataset: return "dataset";
    case Kind::other: return "other";
  }
  return "other";
}

Kind kind_of(const Item& item) {
  if (declares(item, "fAIr-models/schemas/") || declares(item, "/local-model/")) {
    if (declares(item, "/local-model/")) return Kind::local_model;
    if (declares(item, "/base-model/")) return Kind::base_model;
    if (declares(item, "/dataset/")) return Kind::dataset;
  }
  const auto has = [&](const char* key) { return !item.property(key).is_null(); };
  if (has("label:type") || has("label:tasks")) return Kind::dataset;
  if (has("mlm:name") || has("mlm:input")) return has("fair:base_model_id") || has("fair:dataset_id") ? Kind::local_model : Kind::base_model;
  return Kind::other;
}

Findings validate(const Item& item, std::optional<Kind> kind, const RuleOptions& options) {
  RuleBook book{item, kind ? *kind : kind_of(item), options, {}};
  identity(book);
  hrefs(book);
  if (book.kind == Kind::other) {
    book.warn("", "fair.kind", "neither a model nor a dataset", "declare fAIr's base-model, local-model or dataset extension");
    return std::move(book.findings);
  }
  required(book);
  keywords(book);
  if (book.is_model()) {
    check_model(book);
    check_hyperparameters(book);
  }
  return std::move(book.findings);
}

Findings validate_document(const Json& document, const RuleOptions& options) {
  const std::string type = text_of(member(document, "type"));
  if (type == "Catalog" || type == "Collection") {
    Findings findings;
    if (!safe_id(text_of(member(document, "id")))) {
      findings.push_back({Severity::error, "/id", "fair.safe-id", shown(member(document, "id")),
                          "use letters, digits, '.', '_' and '-', at most 200 bytes, not starting with '.'"});
    }
    return findings;
  }
  const Result<Item> item = Item::from_json(document, "");
  if (item) return validate(*item, {}, options);
  const std::string& thing = item.error().thing;
  const std::string pointer = thing.empty() ? thing : thing.substr(1);
  const bool absent = !pointer.empty() && item.error().found == "nothing";
  return {{Severity::error, absent ? pointer.substr(0, pointer.rfind('/')) : pointer, "stac.item",
           item.error().expected + " expected, found " + item.error().found, item.error().hint}};
}

}  // namespace fair::stac
