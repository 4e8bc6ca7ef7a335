#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "core/base/spelling.h"
#include "core/stac/licence.h"
#include "core/stac/rules.h"
#include "native/cli/desk.h"
#include "native/cli/findings.h"
#include "native/cli/verbs.h"
#include "native/cli/words.h"
#include "native/infer/session.h"
#include "native/io/atomic_file.h"
#include "native/io/digest.h"
#include "native/launch/graph_engine.h"
#include "native/launch/imported_model.h"
#include "native/launch/imported_weights.h"
#include "native/onnx/read.h"
#include "native/runs/clock.h"

namespace fair::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string file, item, task, classes, scale, id, license;
  double gsd = 0;
};

/// Asks on a terminal; elsewhere the flag is missing.
class Questions {
 public:
  Result<std::string> ask(const char* flag, const std::string& question, const std::string& usual) {
    if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) {
      if (!usual.empty()) return usual;
      return fail(Code::usage, flag, "a value: " + question, "none", std::string("give ") + flag);
    }
    std::cerr << question << (usual.empty() ? "" : " [" + usual + "]") << ": ";
    std::string line;
    if (!std::getline(std::cin, line) || line.empty()) line = usual;
    if (line.empty()) return fail(Code::usage, flag, "an answer: " + question, "none", std::string("give ") + flag);
    return line;
  }
};

/// A name that fAIr takes, after the file's.
std::string name_from(const fs::path& file) {
  std::string out;
  for (const char c : file.stem().string()) out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
  while (!out.empty() && (out.back() == '-' || std::isalpha(static_cast<unsigned char>(out.front())) == 0)) {
    if (out.back() == '-') out.pop_back();
    else out.erase(out.begin());
  }
  return out.size() >= 3 ? out : "imported-model";
}

/// The likeliest task of a graph whose output has that shape.
std::string likely_task(const std::vector<std::int64_t>& output) {
  switch (output.size()) {
    case 4: return "semantic-segmentation";
    case 3: return "object-detection";
    case 2: return "classification";
    default: return {};
  }
}

Result<launch::ModelFacts> facts_of(const Options& options, const std::vector<std::int64_t>& output, bool channels_last) {
  Questions questions;
  launch::ModelFacts facts;
  facts.file = fs::path(options.file).filename().string();
  std::string task = options.task;
  if (task.empty()) {
    FAIR_TRY_ASSIGN(
        task, questions.ask("--task", "What does the model do (semantic-segmentation, object-detection, classification)?", likely_task(output)));
  }
  const auto known = stac::task_from(task);
  if (!known) return fail(Code::usage, "--task", "semantic-segmentation, object-detection or classification", "'" + task + "'");
  facts.task = *known;
  FAIR_TRY(launch::gives(facts.task, output));
  facts.classes = split(options.classes);
  if (facts.classes.empty()) {
    const auto usual = launch::usual_classes(facts.task, launch::class_count(facts.task, output, channels_last));
    FAIR_TRY_ASSIGN(const auto answer, questions.ask("--classes", "Its classes, in the order of its channels", listed(usual)));
    facts.classes = split(answer);
  }
  facts.id = options.id;
  if (facts.id.empty()) {
    FAIR_TRY_ASSIGN(facts.id, questions.ask("--id", "A name for it", name_from(options.file)));
  }
  facts.scale = options.scale;
  if (facts.scale.empty()) {
    FAIR_TRY_ASSIGN(facts.scale, questions.ask("--scale", "What 8-bit values are multiplied by (1/255, 1, imagenet, or A / 127.5 - 1)", "1/255"));
  }
  facts.license = options.license;
  if (facts.license.empty()) {
    FAIR_TRY_ASSIGN(facts.license, questions.ask("--license", "Its licence, one of " + listed(stac::base_model_licences()), ""));
  }
  if (options.gsd > 0) facts.gsd = options.gsd;
  return facts;
}

Result<stac::Item> item_from_file(const std::string& path, const Options& options) {
  FAIR_TRY_ASSIGN(const std::string text, io::read_whole(path, JsonLimits{}.max_bytes + 1));
  FAIR_TRY_ASSIGN(Json document, parse_json(text, path));
  FAIR_TRY_ASSIGN(stac::Item item, stac::Item::from_json(std::move(document), path));
  if (!options.id.empty()) {
    item.set_id(options.id);
    item.properties()["mlm:name"] = options.id;
  }
  if (!options.license.empty()) item.properties()["license"] = options.license;
  return item;
}

Result<Exit> run(Context& context, const Options& options) {
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  FAIR_TRY_ASSIGN(onnx::Model model, onnx::read_model(options.file));
  FAIR_TRY_ASSIGN(const launch::Trial trial, launch::try_graph(model, options.file));
  stac::Item item;
  if (options.item.empty()) {
    FAIR_TRY_ASSIGN(const auto facts, facts_of(options, trial.output, launch::channels_last(trial.input)));
    FAIR_TRY_ASSIGN(item, launch::item_of(model, trial.input, trial.output, facts));
  } else {
    FAIR_TRY_ASSIGN(item, item_from_file(options.item, options));
  }
  // The item and the graph must speak of the same model before anything is written.
  FAIR_TRY_ASSIGN(const stac::ModelSpec spec, stac::ModelSpec::from_item(item));
  {
    infer::SessionOptions session_options;
    session_options.device = "cpu";
    FAIR_TRY_ASSIGN(const auto session, infer::Session::open(options.file, session_options));
    FAIR_TRY_ASSIGN([[maybe_unused]] const auto fitted, session->fit(spec));
  }
  FAIR_TRY_ASSIGN(const std::string sum, io::sha256_of(options.file));
  const launch::WeightsOrigin origin{fs::path(options.file).filename().string(), sum, "", ""};
  FAIR_TRY_ASSIGN(const stac::Item registered,
                  launch::register_weights(desk.workspace(), std::move(item), std::move(model), origin, runs::utc_now()));
  Json json{{"id", registered.id()},  {"version", registered.version()}, {"task", stac::name(spec.task)},        {"input", trial.input},
            {"output", trial.output}, {"classes", Json::array()},        {"license", registered.text("license")}};
  std::string names;
  for (const auto& c : spec.output.classes) {
    json["classes"].push_back(c.name);
    names += (names.empty() ? "" : ", ") + c.name;
  }
  context.answer(json, registered.id() + " is in base-models, version " + registered.version() + ": " + stac::name(spec.task) + " of " + names +
                           ", licence " + registered.text("license") + "\n");
  return done;
}

}  // namespace

void add_import_model(CLI::App& import, Context& context) {
  CLI::App* verb = import.add_subcommand("model", "Make a base model of an ONNX graph from elsewhere");
  verb->footer(
      "What no flag says is asked for on a terminal; elsewhere the likeliest is taken, and a licence must be given. The graph is run once before\n"
      "anything is registered.\nExample:\n  fair import model exported.onnx --task semantic-segmentation --classes background,building --scale "
      "imagenet "
      "--gsd 0.3 --license MIT");
  auto options = std::make_shared<Options>();
  verb->add_option("file", options->file, "The graph")->required()->type_name("MODEL.onnx");
  auto* item = verb->add_option("--item", options->item, "An item that describes it, instead of one made from the graph")->type_name("ITEM.json");
  verb->add_option("--task", options->task, "semantic-segmentation, object-detection or classification")->excludes(item);
  verb->add_option("--classes", options->classes, "Names in the order of the channels; for a single channel what it is not, and what it is")
      ->type_name("A,B,C")
      ->excludes(item);
  verb->add_option("--scale", options->scale, "What 8-bit values are multiplied by: 1/255, 1, imagenet, or an expression such as A / 127.5 - 1")
      ->excludes(item);
  verb->add_option("--gsd", options->gsd, "Metres a pixel that it learnt at")->type_name("M")->check(CLI::PositiveNumber)->excludes(item);
  verb->add_option("--id", options->id, "Its name in the catalogue; without, after the file")->type_name("NAME");
  verb->add_option("--license", options->license, "Its licence, of those that fAIr publishes")
      ->check(CLI::IsMember(stac::base_model_licences()))
      ->type_name("ID");
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
