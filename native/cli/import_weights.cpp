#include <CLI/CLI.hpp>
#include <filesystem>

#include "core/stac/licence.h"
#include "native/cli/desk.h"
#include "native/cli/verbs.h"
#include "native/io/digest.h"
#include "native/launch/imported_weights.h"
#include "native/launch/model_choice.h"
#include "native/onnx/read.h"
#include "native/onnx/write.h"
#include "native/runs/clock.h"
#include "native/weights/overlay.h"

namespace fair::cli {
namespace {

namespace fs = std::filesystem;
using weights::KeyMatch;

struct Options {
  std::string file, base, key, out, register_as, license;
  bool partial = false, by_order = false;
};

/// The graph to lay weights over, and its item where it is one of the catalogue's.
struct Base {
  std::string id;
  std::optional<stac::Item> item;
  onnx::Model graph;
};

Result<Base> open_base(const std::string& what, store::Workspace* workspace) {
  Base base;
  fs::path file = what;
  std::error_code error;
  if (file.extension() == ".onnx" && fs::is_regular_file(file, error)) {
    base.id = file.filename().string();  // any graph will do: weights need no item
  } else {
    FAIR_TRY_ASSIGN(auto model, launch::choose_model(what, workspace));
    base.id = model.id, base.item = std::move(model.item), file = model.onnx;
  }
  FAIR_TRY_ASSIGN(base.graph, onnx::read_model(file));
  return base;
}

Json json_of(const std::vector<KeyMatch::Pair>& pairs) {
  Json out = Json::array();
  for (const KeyMatch::Pair& p : pairs) out.push_back({{"weight", p.weight}, {"key", p.key}, {"expected", p.expected}, {"found", p.found}});
  return out;
}

Json json_of(const KeyMatch& match, const weights::StateDict& state) {
  return {{"format", state.format},
          {"key", state.key},
          {"other_keys", state.other_keys},
          {"left_out", state.left_out},
          {"prefix_removed", match.removed},
          {"prefix_added", match.added},
          {"matched", json_of(match.matched)},
          {"missing", match.missing},
          {"unexpected", match.unexpected},
          {"misshaped", json_of(match.misshaped)},
          {"ignored", match.ignored},
          {"normalisation_folded", match.folded}};
}

/// The first of many, for a person.
std::string listing(const char* heading, const std::vector<std::string>& names) {
  constexpr std::size_t shown = 10;
  if (names.empty()) return {};
  std::string out = std::to_string(names.size()) + " " + heading + "\n";
  for (std::size_t i = 0; i < names.size() && i < shown; ++i) out += "  " + names[i] + "\n";
  if (names.size() > shown) out += "  … and " + std::to_string(names.size() - shown) + " more (--json lists all)\n";
  return out;
}

std::string text_of(const KeyMatch& match, const weights::StateDict& state) {
  std::string out =
      state.format + (state.key.empty() ? "" : ", under '" + state.key + "'") + ": " + std::to_string(state.tensors.size()) + " tensors\n";
  if (!state.other_keys.empty()) out += listing("other places with tensors (--key chooses)", state.other_keys);
  out += std::to_string(match.matched.size()) + " weights matched";
  if (!match.removed.empty()) out += ", without the prefix '" + match.removed + "'";
  if (!match.added.empty()) out += ", with the prefix '" + match.added + "'";
  if (match.ignored > 0) out += "; " + std::to_string(match.ignored) + " num_batches_tracked ignored";
  out += "\n";
  std::vector<std::string> shapes;
  for (const KeyMatch::Pair& p : match.misshaped)
    shapes.push_back(p.weight + ": expected " + p.expected + ", found " + p.found + (p.key == p.weight ? "" : " (" + p.key + ")"));
  out += listing("weights of another shape", shapes) + listing("weights the file lacks", match.missing);
  out += listing("keys the model has no weight for", match.unexpected) + listing("entries that are no tensors of known numbers", state.left_out);
  if (match.folded)
    out +=
        "the file has batch statistics, the model's are folded into its convolutions: the two do not belong together; export the model with its "
        "BatchNormalization kept\n";
  return out;
}

Result<Exit> run(Context& context, const Options& options) {
  std::optional<Desk> desk;
  if (auto opened = Desk::open(context)) desk = std::move(*opened);
  else if (options.out.empty()) return fail(opened.error());
  FAIR_TRY_ASSIGN(Base base, open_base(options.base, desk ? &desk->workspace() : nullptr));
  if (options.out.empty() && !base.item)
    return fail(Code::usage, options.base, "a base model of the catalogue", "a bare file",
                "write the result with --out, or bring the model in first");
  FAIR_TRY_ASSIGN(const weights::StateDict state, weights::read_state_dict(options.file, options.key));
  const KeyMatch match = weights::match_keys(base.graph.graph, state.tensors, options.by_order);
  Json document{{"file", options.file}, {"base", base.id}};
  document.update(json_of(match, state));
  const std::string text = text_of(match, state);
  // Convolutions that hold their normalisation computed into them would be wrong with weights that do not, also where only a part is taken.
  const bool none = match.matched.empty(), useless = none || match.folded;
  if (useless || (!match.whole() && !options.partial)) {
    document["registered"] = nullptr;
    document["out"] = nullptr;
    const std::string why = none ? ": no weight of " + base.id + " is in the file" : useless ? "" : "; --partial takes what fits";
    context.answer(document, text + "nothing was written" + why + "\n");
    return findings;
  }
  FAIR_TRY(weights::lay_over(base.graph.graph, match, state));
  document["registered"] = nullptr;
  document["out"] = nullptr;
  if (!options.out.empty()) {
    FAIR_TRY(onnx::write_model(options.out, base.graph));
    document["out"] = options.out;
    context.answer(document, text + options.out + " written\n");
    return done;
  }
  FAIR_TRY_ASSIGN(const std::string sum, io::sha256_of(options.file));
  const launch::WeightsOrigin origin{fs::path(options.file).filename().string(), sum, options.register_as, options.license};
  FAIR_TRY_ASSIGN(const stac::Item item,
                  launch::register_weights(desk->workspace(), std::move(*base.item), std::move(base.graph), origin, runs::utc_now()));
  document["registered"] = {{"id", item.id()}, {"version", item.version()}, {"license", item.text("license")}};
  context.answer(document, text + item.id() + " is in base-models, version " + item.version() + ", licence " + item.text("license") +
                               (options.license.empty() ? " as its base (--license names the weights' own)" : "") + "\n");
  return done;
}

}  // namespace

void add_import_weights(CLI::App& import, Context& context) {
  CLI::App* verb = import.add_subcommand("weights", "Lay weights trained elsewhere over a base model, as its next version");
  verb->footer(
      "Reads safetensors (the format to prefer), state dicts and whole models of torch.save (.pt, .pth); nothing in a file is executed. Every weight "
      "must be filled, with its own shape, or nothing is written and the exit status is 3.\n"
      "Example:\n  fair import weights unet.safetensors --base unet-segmentation\n"
      "  fair import weights resnet34.pth --base unet-segmentation --partial --register-as unet-imagenet --license BSD-3-Clause");
  auto options = std::make_shared<Options>();
  verb->add_option("file", options->file, "The weights")->required()->type_name("F.safetensors|F.pt|F.pth");
  verb->add_option("--base", options->base, "A base model of the catalogue, or with --out any model.onnx")->required()->type_name("ID|F.onnx");
  auto* as =
      verb->add_option("--register-as", options->register_as, "Name of the new base model; without, the next version of --base")->type_name("NAME");
  verb->add_option("--out", options->out, "Write this ONNX file and register nothing")->type_name("F.onnx")->excludes(as);
  verb->add_option("--license", options->license, "The weights' licence, of those that fAIr publishes, where it is not the base's")
      ->check(CLI::IsMember(stac::base_model_licences()))
      ->type_name("ID");
  verb->add_option("--key", options->key, "Where in the file the weights lie, keys joined by '/'; without, the largest set of tensors")
      ->type_name("KEY");
  verb->add_flag("--partial", options->partial, "Take what fits and leave the base's own weights elsewhere");
  verb->add_flag("--by-order", options->by_order, "Pair what names leave over in order, as long as shapes agree");
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
