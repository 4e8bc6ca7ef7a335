#include "native/serve/model_shelf.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "core/catalog/resolve.h"
#include "core/stac/assets.h"
#include "core/stac/rules.h"
#include "native/http/client.h"
#include "native/http/url.h"
#include "native/infer/model_metadata.h"
#include "plugins/built_in.h"

namespace fair::serve {
namespace fs = std::filesystem;
namespace {

bool is_address(const std::string& uri) { return uri.find("://") != std::string::npos; }

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

Json entry(const stac::ModelSpec& spec, const std::string& uri) {
  Json classes = Json::array();
  for (const stac::Class& c : spec.output.classes) classes.push_back(c.name);
  return {{"id", spec.id}, {"name", spec.name}, {"uri", uri}, {"task", stac::name(spec.task)}, {"classes", classes}};
}

}  // namespace

std::string service_name(const std::string& mlm_name) {
  std::string out = mlm_name;
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return c == '_' ? '-' : static_cast<char>(std::tolower(c)); });
  return out;
}

ModelShelf::ModelShelf(ShelfOptions options, plugin::Registry plugins)
    : options_(std::move(options)), downloads_(options_.downloads, options_.client), plugins_(std::move(plugins)) {}

Result<std::unique_ptr<ModelShelf>> ModelShelf::open(ShelfOptions options, plugin::Registry plugins) {
  std::unique_ptr<ModelShelf> out(new ModelShelf(std::move(options), std::move(plugins)));
  const auto add = [&](const stac::Item& item) {
    // An item that cannot be read is no service; `fair validate` tells what is wrong with it.
    if (auto spec = stac::ModelSpec::from_item(item)) out->services_.emplace(service_name(item.text("mlm:name")), std::move(*spec));
  };
  if (!out->options_.folder.empty()) {
    std::error_code error;
    if (!fs::is_directory(out->options_.folder, error))
      return fail(Code::not_found, out->options_.folder.string(), "a folder of models", "no such folder");
  }
  if (out->options_.workspace != nullptr) {
    FAIR_TRY_ASSIGN(const auto items, out->options_.workspace->catalog().items(catalog::base_models));
    for (const stac::Item& item : items) {
      if (!item.deprecated()) add(item);
    }
  }
  for (const plugins::BuiltIn& built_in : plugins::built_in()) {
    for (const char* text : built_in.items) {
      FAIR_TRY_ASSIGN(Json document, parse_json(text, built_in.name));
      FAIR_TRY_ASSIGN(const stac::Item item, stac::Item::from_json(std::move(document), built_in.name));
      add(item);
    }
  }
  return out;
}

Result<fs::path> ModelShelf::file_of(const std::string& uri, const std::atomic<bool>* stop) {
  if (options_.workspace != nullptr) {
    FAIR_TRY_ASSIGN(const auto kept, options_.workspace->fetch_own(uri));
    if (kept && is_file(*kept)) return *kept;
    if (kept) return fail(Code::not_found, http::shown(uri), "a file of the workspace's artifacts", "none of that name", "was it deleted?");
  }
  if (is_address(uri)) {
    if (!options_.client) return fail(Code::usage, http::shown(uri), "a model of this server's own", "an address elsewhere", "see /models");
    return downloads_.get(uri, stop);
  }
  if (!options_.folder.empty() && !fs::path(uri).is_absolute() && !stac::climbs_out(uri)) {
    for (const fs::path& path : {options_.folder / uri, options_.folder / (uri + ".onnx")}) {
      if (path.extension() == ".onnx" && is_file(path)) return path;
    }
  }
  return fail(Code::not_found, "model_uri", "a model this server knows, or an http or https address", uri.substr(0, 200), "see /models");
}

Result<launch::ChosenModel> ModelShelf::find(const std::string& uri, const std::string& service, const std::atomic<bool>* stop) {
  launch::ChosenModel out;
  out.uri = uri;
  auto file = file_of(uri, stop);
  if (file) {
    out.onnx = std::move(*file);
    auto spec = infer::spec_of_model(out.onnx);
    const auto base = services_.find(service);
    if (spec) {
      out.spec = std::move(*spec);
    } else if (spec.error().code == Code::not_found && base != services_.end()) {
      out.spec = base->second;
    } else {
      Error error = std::move(spec).error();
      error.thing = http::shown(uri);  // the file's place on this machine is nobody's business
      if (error.code == Code::not_found) error.hint = "ask the service of its base model, /<base>/predict, which knows what the file does not say";
      return fail(std::move(error));
    }
  } else {
    if (is_address(uri) || options_.workspace == nullptr || file.error().code != Code::not_found) return fail(std::move(file).error());
    const std::lock_guard lock(catalog_mutex_);
    FAIR_TRY_ASSIGN(auto found, catalog::find_model(options_.workspace->catalog(), uri));
    FAIR_TRY_ASSIGN(out.spec, stac::ModelSpec::from_item(found.item));
    FAIR_TRY_ASSIGN(out.onnx, launch::onnx_of(found.item, options_.workspace, {}));
    out.item = std::move(found.item);
  }
  out.id = out.spec.id.empty() ? out.onnx.stem().string() : out.spec.id;
  if (const auto base = services_.find(service); base != services_.end()) {
    const std::string &wanted = base->second.output.post_processing, &has = out.spec.output.post_processing;
    if (!wanted.empty() && !has.empty() && wanted != has) {
      return fail(Code::incompatible, "model_uri", "a model of service " + service, out.id + ", which is read by " + has,
                  "ask another service, or /predict");
    }
  }
  return out;
}

Result<std::shared_ptr<plugin::ModelPlugin>> ModelShelf::plugin_for(const stac::ModelSpec& spec) {
  const std::lock_guard lock(plugin_mutex_);
  return plugins_.create(spec);
}

Result<Json> ModelShelf::list() {
  Json models = Json::array();
  if (options_.workspace != nullptr) {
    const std::lock_guard lock(catalog_mutex_);
    for (const char* collection : {catalog::local_models, catalog::base_models}) {
      FAIR_TRY_ASSIGN(const auto items, options_.workspace->catalog().items(collection));
      for (const stac::Item& item : items) {
        const auto spec = stac::ModelSpec::from_item(item);
        if (!spec) continue;
        Json one = entry(*spec, stac::href_of(item, stac::Part::onnx));
        one["active"] = !item.deprecated();
        models.push_back(std::move(one));
      }
    }
  }
  std::error_code error;
  if (!options_.folder.empty()) {
    std::vector<fs::path> files;
    for (auto at = fs::directory_iterator(options_.folder, error); !error && at != fs::directory_iterator(); at.increment(error)) {
      if (at->path().extension() == ".onnx") files.push_back(at->path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      const auto spec = infer::spec_of_model(file);
      models.push_back(spec ? entry(*spec, file.filename().string()) : Json{{"id", file.stem().string()}, {"uri", file.filename().string()}});
    }
  }
  Json services = Json::array();
  for (const auto& [name, spec] : services_) services.push_back(name);
  return Json{{"services", services}, {"models", models}};
}

}  // namespace fair::serve
