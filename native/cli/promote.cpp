#include <CLI/CLI.hpp>

#include "native/cli/desk.h"
#include "native/cli/verbs.h"
#include "native/launch/publishing.h"

namespace fair::cli {
namespace {

Result<Exit> run(Context& context, const std::string& name, int version) {
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  FAIR_TRY_ASSIGN(versions::VersionStore * store, desk.versions());
  FAIR_TRY_ASSIGN(const auto promotion, launch::promote(desk.workspace(), *store, name, version));
  using Effect = catalog::Promotion::Effect;
  const char* effect = promotion.effect == Effect::created ? "created" : promotion.effect == Effect::unchanged ? "unchanged" : "rolled_back";
  std::string text = promotion.item.id();
  text += promotion.effect == Effect::created     ? " is published"
          : promotion.effect == Effect::unchanged ? " was published already; nothing changed"
                                                  : " is the active version again";
  if (!promotion.deprecated.empty()) text += "; " + promotion.deprecated + " is deprecated";
  context.answer({{"item", promotion.item.id()},
                  {"effect", effect},
                  {"deprecated", promotion.deprecated.empty() ? Json(nullptr) : Json(promotion.deprecated)},
                  {"path", desk.catalog().address(catalog::local_models, promotion.item.id())}},
                 text);
  return done;
}

}  // namespace

void add_promote(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("promote", "Publish a version of a finetuned model; an older one again is a rollback");
  verb->footer("The version that was active is deprecated and linked to its successor.\nExample:\n  fair promote town-buildings 2");
  auto name = std::make_shared<std::string>();
  auto version = std::make_shared<int>(0);
  verb->add_option("name", *name, "The finetuned model's name")->required()->type_name("NAME");
  verb->add_option("version", *version, "Its version")->required()->type_name("VERSION")->check(CLI::PositiveNumber);
  context.on(verb, [name, version](Context& c) { return run(c, *name, *version); });
}

}  // namespace fair::cli
