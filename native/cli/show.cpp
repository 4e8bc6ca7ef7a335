#include <CLI/CLI.hpp>

#include "core/catalog/resolve.h"
#include "native/cli/desk.h"
#include "native/cli/table.h"
#include "native/cli/verbs.h"

namespace fair::cli {
namespace {

std::string facts(const stac::Item& item) {
  std::string out = item.id() + (item.deprecated() ? " (deprecated)" : "") + "\n";
  for (const auto& [key, value] : item.properties().items()) {
    std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
    if (shown.size() > 160) shown = shown.substr(0, 157) + "...";
    out += "  " + key + ": " + shown + "\n";
  }
  std::vector<std::vector<std::string>> rows;
  if (const auto assets = item.json().find("assets"); assets != item.json().end() && assets->is_object()) {
    for (const auto& [key, asset] : assets->items()) rows.push_back({"  " + key, item.asset_href(key)});
  }
  if (!rows.empty()) out += table({"  ASSET", "HREF"}, rows);
  rows.clear();
  for (const stac::Link& link : item.links()) rows.push_back({"  " + link.rel, link.href});
  if (!rows.empty()) out += table({"  LINK", "HREF"}, rows);
  return out;
}

Result<Exit> run(Context& context, const std::string& name) {
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  auto model = catalog::find_model(desk.catalog(), name);
  if (!model && model.error().code == Code::not_found) {
    const auto dataset = catalog::find_dataset(desk.catalog(), name);
    if (dataset) {
      context.answer(dataset->json(), facts(*dataset));
      return done;
    }
    const std::string hint = dataset.error().hint.rfind("did you", 0) == 0 ? dataset.error().hint : model.error().hint;
    return fail(Code::not_found, name, "a model or a dataset of this catalogue", "none of that name", hint);
  }
  if (!model) return fail(std::move(model).error());
  context.answer(model->item.json(), facts(model->item));
  return done;
}

}  // namespace

void add_show(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("show", "One item of the catalogue; with --json the item itself");
  verb->footer("Example:\n  fair show unet-segmentation-small");
  auto name = std::make_shared<std::string>();
  verb->add_option("name", *name, "A model's or dataset's id, a model's name (its active version), name-vN, a UUID, or a dataset's title")
      ->required()
      ->type_name("NAME");
  context.on(verb, [name](Context& c) { return run(c, *name); });
}

}  // namespace fair::cli
