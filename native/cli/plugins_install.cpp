#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "native/cli/verbs.h"
#include "native/plugins/folder.h"
#include "native/plugins/open.h"
#include "native/plugins/share.h"
#include "native/plugins/verify.h"

namespace fair::cli {
namespace {

namespace fs = std::filesystem;

/// Copies into a hidden folder and puts that in the place of what was there: an interrupted installation leaves the old plugin.
Result<> put(const plugins::Found& found, const fs::path& into) {
  std::error_code error;
  const fs::path hidden = into.parent_path() / ("." + into.filename().string() + ".new-" + std::to_string(::getpid()));
  const fs::path old = into.parent_path() / ("." + into.filename().string() + ".old-" + std::to_string(::getpid()));
  fs::create_directories(hidden, error);
  if (!error) fs::copy_file(found.manifest_path, hidden / found.manifest_path.filename(), fs::copy_options::overwrite_existing, error);
  if (!error && found.manifest.code) fs::copy_file(found.binary, hidden / found.binary.filename(), fs::copy_options::overwrite_existing, error);
  const bool replaces = !error && fs::exists(into);
  if (replaces) fs::rename(into, old, error);
  if (!error) fs::rename(hidden, into, error);
  std::error_code ignored;
  fs::remove_all(error ? hidden : old, ignored);
  if (error) return fail(Code::io, into.string(), "the plugin's files in that folder", error.message(), "check its permissions and the disk");
  return {};
}

/// Of a plugin's own folder the form that this program can load.
Result<plugins::Found> form_at(const std::string& path) {
  if (!plugins::is_plugin_folder(path)) return plugins::find_at(path);
  FAIR_TRY_ASSIGN(const plugins::Folder folder, plugins::read_folder(path));
  if (!folder.manifest.code) return plugins::find_at(path);
  for (const plugins::Found& form : folder.forms) {
    if (form.manifest.platform == plugins::platform()) return form;
  }
  return fail(Code::not_found, path, std::string("its form for ") + plugins::platform() + " in build/fair-plugins", "none",
              "cmake -B build && cmake --build build");
}

Result<Exit> install(Context& context, const std::string& path, const std::string& into) {
  FAIR_TRY_ASSIGN(const plugins::Found found, form_at(path));
  FAIR_TRY(plugins::verify(found));
  if (found.manifest.code) {
    FAIR_TRY_ASSIGN(const plugin::LoadedPlugin loaded, plugins::open(found));
    const auto faults = plugin::disagreements(found.manifest, loaded.description());
    if (!faults.empty())
      return fail(Code::invalid, found.manifest_path.string(), "a plugin that agrees with its manifest", faults.front(), plugin::disagreement_hint);
  }
  const fs::path folder = into.empty() ? plugins::own_plugins_folder() : fs::path(into);
  if (folder.empty()) return fail(Code::usage, "--into", "a folder", "no home to find one in", "give --into, and name it in FAIR_PLUGIN_PATH");
  const fs::path target = folder / found.manifest.name;
  FAIR_TRY(put(found, target));
  const std::string text = found.manifest.name + " " + found.manifest.version + " is in " + target.string() +
                           (into.empty() ? "" : "; it is found where FAIR_PLUGIN_PATH names " + folder.string()) + "\n";
  context.answer({{"name", found.manifest.name}, {"version", found.manifest.version}, {"folder", target.string()}}, text);
  return done;
}

Result<Exit> remove(Context& context, const std::string& name, const std::string& from) {
  const fs::path folder = from.empty() ? plugins::own_plugins_folder() : fs::path(from);
  const fs::path manifest = folder / name / (name + ".plugin.json");
  FAIR_TRY_ASSIGN(const plugins::Found found, plugins::find_at(manifest));
  // A name with a path in it would take a folder away that is no plugin's.
  if (found.manifest.name != name) return fail(Code::usage, "name", "a plugin's name", "'" + name + "'", "fair plugins list shows the names");
  std::error_code error;
  fs::remove_all(manifest.parent_path(), error);
  if (error) return fail(Code::io, manifest.parent_path().string(), "the folder removed", error.message(), "check its permissions");
  context.answer({{"name", found.manifest.name}, {"folder", manifest.parent_path().string()}}, name + " is removed\n");
  return done;
}

}  // namespace

void add_plugins_install(CLI::App& plugins, Context& context) {
  auto path = std::make_shared<std::string>(), into = std::make_shared<std::string>();
  CLI::App* verb = plugins.add_subcommand("install", "Verify a built plugin and copy it to where this program looks");
  verb->footer(
      "One of that name that is there is replaced. Models that name its processing run with it from then on; `fair register` puts its item into\n"
      "a workspace.\nExample:\n  fair plugins install build/fair-plugins/my_model");
  verb->add_option("path", *path, "A manifest, a shared object, a folder with both, or a plugin's own folder once it is built")
      ->required()
      ->type_name("DIR|FILE");
  verb->add_option("--into", *into, "Another folder than the person's own ($XDG_DATA_HOME/fair-edge/plugins)")->type_name("DIR");
  context.on(verb, [path, into](Context& c) { return install(c, *path, *into); });

  auto name = std::make_shared<std::string>(), from = std::make_shared<std::string>();
  CLI::App* removal = plugins.add_subcommand("remove", "Take an installed plugin away again");
  removal->footer("Example:\n  fair plugins remove my_model");
  removal->add_option("name", *name, "The plugin's name")->required()->type_name("NAME");
  removal->add_option("--from", *from, "The folder that --into named")->type_name("DIR");
  context.on(removal, [name, from](Context& c) { return remove(c, *name, *from); });
}

}  // namespace fair::cli
