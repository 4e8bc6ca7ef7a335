#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>

#include "native/cli/hand.h"
#include "native/cli/verbs.h"
#include "native/demo/town_files.h"
#include "native/io/atomic_file.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string out = "fair-demo", page;
  std::int64_t seed = 7;
  double minutes = 4;
  int size = 8;
};

constexpr const char* kMark = ".fair-demo";
constexpr const char* kModel = "town-buildings";

/// What a demo leaves in its folder; nothing else is ever removed.
constexpr std::array kOwn = {"chips", "tiles", "buildings.geojson", "town", "workspace", "predicted.geojson", "predicted.png", "training_curve.svg"};

Result<> clear_folder(const fs::path& folder) {
  std::error_code error;
  const bool there = fs::exists(folder, error);
  if (there && !fs::exists(folder / kMark, error) && !fs::is_empty(folder, error)) {
    return fail(Code::usage, "--out", "an empty folder, or one that a demo made", folder.string() + ", which holds other things",
                "choose another folder");
  }
  for (const char* name : kOwn) {
    fs::remove_all(folder / name, error);
    if (error) return fail(Code::io, (folder / name).string(), "the former demo's file removed", error.message(), "remove it by hand");
  }
  fs::create_directories(folder, error);
  if (error) return fail(Code::io, folder.string(), "a folder", error.message(), "check the permissions and the disk");
  return io::write_whole(folder / kMark, "The files beside this one were made by `fair demo`, which may replace them.\n");
}

/// Where this program lies, for those who have it in no $PATH.
std::string program() {
  std::error_code error;
  const fs::path path = fs::read_symlink("/proc/self/exe", error);
  return error ? "fair" : path.string();
}

Result<Exit> run(Context& context, const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  const fs::path folder = options.out;
  FAIR_TRY(clear_folder(folder));
  const std::string workspace = (folder / "workspace").string(), dataset = (folder / "town").string();
  const std::string predicted = (folder / "predicted.geojson").string(), picture = (folder / "predicted.png").string();
  const auto show = [&](const std::string& text) {
    std::fputs(text.c_str(), context.json ? stderr : stdout);
    std::fflush(context.json ? stderr : stdout);
  };
  Hand hand(workspace, show);

  demo::TownOptions wanted;
  wanted.seed = static_cast<std::uint64_t>(options.seed);
  wanted.columns = wanted.rows = options.size;
  FAIR_TRY_ASSIGN(const demo::TownFiles town, demo::write_town(demo::make_town(wanted), folder));
  show("A made-up town (seed " + std::to_string(options.seed) + "): " + std::to_string(town.chip_count) + " chips in " + town.chips.string() + ", " +
       std::to_string(town.buildings) + " buildings in " + town.footprints.string() +
       "\nIts two southern rows of chips are held out: training never sees them. Every command below may be typed again; fair is\n" + program() +
       "\n");

  FAIR_TRY(hand.type({"init", "--empty"}));
  FAIR_TRY(hand.type({"register", "plugin:unet-segmentation-small"}));
  FAIR_TRY(hand.type({"dataset", "make", "--task", "segmentation", "--chips", town.chips.string(), "--labels", town.footprints.string(), "--id",
                      "town", "--holdout", demo::southern_rows, "--out", dataset, "--register"}));
  FAIR_TRY(hand.type({"validate", (fs::path(workspace) / "catalog").string()}));
  char minutes[32];
  std::snprintf(minutes, sizeof minutes, "%g", options.minutes);
  // Not the item's Muon: half a minute of it left scores so near to one half that weights as f16 changed more than 0.5 % of the mask.
  FAIR_TRY_ASSIGN(const Json trained, hand.type({"finetune", "--base", "unet-segmentation-small", "--dataset", "town", "--name", kModel,
                                                 "--max-minutes", minutes, "--set", "epochs=8", "--set", "samples_per_epoch=200", "--set",
                                                 "optimizer=AdamW", "--set", "learning_rate=0.004", "--device", "cpu"}));
  FAIR_TRY(hand.type({"promote", kModel, "1"}));
  FAIR_TRY(hand.type({"validate", (fs::path(workspace) / "catalog").string()}));
  FAIR_TRY_ASSIGN(const Json features, hand.type({"predict", "--model", kModel, "--images", town.chips.string(), "--out", predicted}));
  FAIR_TRY_ASSIGN(const Json judged, hand.type({"evaluate", "--model", kModel, "--dataset", "town", "--split", "holdout", "--picture", picture}));

  const fs::path curve = folder / "training_curve.svg";
  const fs::path drawn = fs::path(workspace) / "artifacts" / trained.value("artifacts", Json::object()).value("training_curve", std::string());
  std::error_code error;
  fs::copy_file(drawn, curve, fs::copy_options::overwrite_existing, error);
  if (error) return fail(Code::io, curve.string(), "a copy of " + drawn.string(), error.message(), "check the disk");
  const double iou = judged.value("foreground_iou", 0.0), seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::string look = "fair serve --static " + quoted(folder.string());
  std::string there = "/predicted.png";
  if (!options.page.empty()) {
    look = "fair --workspace " + quoted(workspace) + " serve --static workspace --page " + quoted(options.page) + " --mount " +
           quoted("/tiles=" + town.tiles.string()) + " --isolated";
    char query[200];
    std::snprintf(query, sizeof query, "/?catalog=catalog/catalog.json&model=%s&imagery=tiles/{z}/{x}/{y}.png&zoom=19&at=%.5f,%.5f", kModel,
                  town.centre.lon, town.centre.lat);
    there = query;
  }
  Json json{{"folder", folder.string()},
            {"workspace", workspace},
            {"geojson", predicted},
            {"picture", picture},
            {"training_curve", curve.string()},
            {"features", features.value("features", 0)},
            {"holdout_building_iou", iou},
            {"evaluation", judged},
            {"seconds", seconds},
            {"steps", hand.steps()},
            {"show", look},
            {"open", "http://127.0.0.1:8765" + there}};
  char summary[160];
  std::snprintf(summary, sizeof summary, "\nDone in %.0f s. IoU of the buildings' polygons on the %d held-out chips: %.3f\n", seconds,
                judged.value("chips", 0), iou);
  context.answer(json, std::string(summary) + "  predicted buildings  " + predicted + "\n  picture              " + picture +
                           "\n  training curve       " + curve.string() + "\n  catalogue            " + workspace +
                           "/catalog/catalog.json\nTo look at them in a browser:\n  " + look + "\nthen open\n  http://127.0.0.1:8765" + there + "\n");
  return done;
}

}  // namespace

void add_demo(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("demo", "The whole job on a made-up town: from imagery to buildings on the map, in minutes");
  verb->footer("Every command is shown before it runs. Nothing is left running.\nExample:\n  fair demo --out /tmp/fair-demo --minutes 2");
  auto options = std::make_shared<Options>();
  verb->add_option("--out", options->out, "Folder for all of it; a former demo's is replaced")->capture_default_str()->type_name("DIR");
  verb->add_option("--page", options->page, "Folder of the built web demo: the closing line then shows how to predict in a browser")
      ->type_name("DIR");
  verb->add_option("--seed", options->seed, "Another number, another town")->capture_default_str()->check(CLI::NonNegativeNumber);
  verb->add_option("--minutes", options->minutes, "Time to train")->capture_default_str()->check(CLI::Range(0.01, 600.0))->type_name("M");
  verb->add_option("--size", options->size, "Chips along each side of the town")->capture_default_str()->check(CLI::Range(4, 12));
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
