#include <CLI/CLI.hpp>
#include <filesystem>

#include "core/catalog/resolve.h"
#include "core/stac/compatibility.h"
#include "native/cli/desk.h"
#include "native/cli/verbs.h"
#include "native/io/atomic_file.h"

namespace fair::cli {
namespace {

/// An item by its file, for those who have no workspace yet.
Result<stac::Item> item_at(const std::string& path) {
  FAIR_TRY_ASSIGN(const std::string text, io::read_whole(path, JsonLimits{}.max_bytes + 1));
  FAIR_TRY_ASSIGN(Json document, parse_json(text, path));
  return stac::Item::from_json(std::move(document), path);
}

bool names_a_file(const std::string& name) {
  std::error_code error;
  return std::filesystem::is_regular_file(name, error);
}

/// The item in a file, or the one that `find` knows in the workspace.
template <class Find>
Result<stac::Item> item_of(Context& context, const std::string& name, Find find) {
  if (names_a_file(name)) return item_at(name);
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  return find(desk.catalog(), name);
}

Result<Exit> run(Context& context, const std::string& model_name, const std::string& dataset_name) {
  const auto model_in = [](catalog::CatalogStore& store, const std::string& name) -> Result<stac::Item> {
    FAIR_TRY_ASSIGN(auto found, catalog::find_model(store, name));
    return std::move(found.item);
  };
  const auto dataset_in = [](catalog::CatalogStore& store, const std::string& name) { return catalog::find_dataset(store, name); };
  FAIR_TRY_ASSIGN(const stac::Item model, item_of(context, model_name, model_in));
  FAIR_TRY_ASSIGN(const stac::Item dataset, item_of(context, dataset_name, dataset_in));
  const stac::Compatibility verdict = stac::compatible(model, dataset);
  std::string text = model.id() + (verdict.compatible() ? " fits " : " does not fit ") + dataset.id() + "\n";
  for (const stac::Reason& r : verdict.reasons) {
    const char* mark = r.verdict == stac::Reason::Verdict::holds ? "  yes   " : r.verdict == stac::Reason::Verdict::warns ? "  warns " : "  no    ";
    text += mark + r.text + (r.hint.empty() ? "" : "; " + r.hint) + " [" + r.rule + "]\n";
  }
  Json json = verdict.to_json();
  json["model"] = model.id();
  json["dataset"] = dataset.id();
  context.answer(json, text);
  return verdict.compatible() ? done : findings;
}

}  // namespace

void add_compat(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("compat", "Whether a model and a dataset fit each other, with every reason");
  verb->footer("Exit status 3 where they do not.\nExample:\n  fair compat unet-segmentation-small town");
  auto model = std::make_shared<std::string>(), dataset = std::make_shared<std::string>();
  verb->add_option("model", *model, "A model of the catalogue, or its item's file")->required()->type_name("MODEL");
  verb->add_option("dataset", *dataset, "A dataset of the catalogue, or its item's file")->required()->type_name("DATASET");
  context.on(verb, [model, dataset](Context& c) { return run(c, *model, *dataset); });
}

}  // namespace fair::cli
