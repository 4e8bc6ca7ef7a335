#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>

#include "core/base/spelling.h"
#include "native/cli/verbs.h"
#include "native/cli/words.h"
#include "native/io/chip_labels.h"
#include "native/launch/new_plugin.h"
#include "native/plugins/share.h"

namespace fair::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string name, task = "segmentation", onnx, classes, feature = "building", geometry = "polygon", license = "Apache-2.0", scale = "1/255",
                    parent = ".";
  double gsd = 0;
  bool no_code = false;
};

stac::Task task_of(const std::string& word) {
  return stac::task_from(io::model_task(io::label_task_from(word).value_or(io::LabelTask::segmentation))).value_or(stac::Task::semantic_segmentation);
}

Result<Exit> run(Context& context, const Options& options) {
  launch::NewPlugin wanted;
  wanted.name = options.name;
  wanted.parent = options.parent;
  FAIR_TRY_ASSIGN(const fs::path share, plugins::share_folder("template"));
  wanted.template_folder = share;
  wanted.task = task_of(options.task);
  wanted.onnx = options.onnx;
  wanted.classes = split(options.classes);
  wanted.feature = options.feature, wanted.geometry = options.geometry;
  wanted.license = options.license, wanted.scale = options.scale;
  if (options.gsd > 0) wanted.gsd = options.gsd;
  wanted.code = !options.no_code;
  FAIR_TRY_ASSIGN(const launch::MadePlugin made, launch::make_plugin(wanted));
  Json json{{"folder", made.folder.string()}, {"item", made.item.string()}, {"files", made.files}, {"input", made.input},
            {"output", made.output},          {"classes", made.classes}};
  const std::string folder = made.folder.string();
  std::string text = folder + " holds\n";
  for (const std::string& file : made.files) text += "  " + file + "\n";
  text += "Its classes are " + listed(made.classes) + ". Next:\n  cd " + folder + "\n";
  if (wanted.code) text += "  cmake -B build && cmake --build build && ctest --test-dir build\n";
  text += "  fair plugins check .\n  fair plugins install " + std::string(wanted.code ? "build/fair-plugins/" + options.name : ".") + "\n";
  context.answer(json, text);
  return done;
}

}  // namespace

void add_plugins_new(CLI::App& plugins, Context& context) {
  CLI::App* verb = plugins.add_subcommand("new", "Make a plugin to begin with: it builds, its tests pass, and it predicts");
  verb->footer(
      "Without --onnx it brings a small graph of random weights that can be trained.\nExample:\n  fair plugins new roads --task segmentation --onnx "
      "roads.onnx --classes background,road --feature road --geometry line");
  auto options = std::make_shared<Options>();
  verb->add_option("name", options->name, "Small letters, digits and _; the folder's, too")->required()->type_name("NAME");
  verb->add_option("--task", options->task, "What the model does")
      ->capture_default_str()
      ->check(CLI::IsMember({"segmentation", "detection", "classification"}));
  verb->add_option("--onnx", options->onnx, "The model")->type_name("FILE")->check(CLI::ExistingFile);
  verb->add_option("--classes", options->classes, "Names in the order of the graph's channels, the background's first")->type_name("A,B,C");
  verb->add_option("--feature", options->feature, "The item's keyword for what it finds")
      ->capture_default_str()
      ->check(CLI::IsMember({"building", "road", "tree", "water", "landuse"}));
  verb->add_option("--geometry", options->geometry, "What goes on the map")
      ->capture_default_str()
      ->check(CLI::IsMember({"polygon", "line", "point"}));
  verb->add_option("--license", options->license, "Of plugin and model (SPDX); fAIr takes base models of these")
      ->capture_default_str()
      ->check(CLI::IsMember({"Apache-2.0", "MIT", "BSD-3-Clause", "AGPL-3.0-only"}));
  verb->add_option("--scale", options->scale, "What 8-bit values are multiplied by: 1/255, 1, imagenet, or an expression such as A / 127.5 - 1")
      ->capture_default_str();
  verb->add_option("--gsd", options->gsd, "Metres a pixel that it learnt at")->type_name("M")->check(CLI::PositiveNumber);
  verb->add_flag("--no-code", options->no_code, "No C++: a manifest that chooses core's pre- and postprocessing");
  verb->add_option("--in", options->parent, "Folder to make it in")->capture_default_str()->type_name("DIR")->check(CLI::ExistingDirectory);
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
