#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "native/cli/desk.h"
#include "native/cli/verbs.h"
#include "native/cli/version.h"
#include "native/image/builder.h"
#include "native/image/rootfs.h"
#include "native/launch/runtime_image.h"
#include "native/plugins/share.h"
#include "native/runs/clock.h"
#include "native/train/trainer.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string kind, tag, files, reference, as, item, runtime = "inference";
};

std::string own_tag(const std::string& kind) { return "localhost/fair-edge/" + kind + ":latest"; }

std::string megabytes(std::uint64_t bytes) { return std::to_string((bytes + 500000) / 1000000) + " MB"; }

/// A folder that goes with it, unless it is kept.
class BuildFolder {
 public:
  explicit BuildFolder(const std::string& kept) : path_(kept), kept_(!kept.empty()) {
    if (!kept_) path_ = fs::temp_directory_path() / ("fair-image-" + std::to_string(::getpid()));
  }
  ~BuildFolder() {
    std::error_code error;
    if (!kept_) fs::remove_all(path_, error);
  }
  BuildFolder(const BuildFolder&) = delete;
  BuildFolder& operator=(const BuildFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  bool kept_;
};

Result<Exit> build(Context& context, const Options& options) {
  FAIR_TRY_ASSIGN(const image::Kind kind, image::kind_of(options.kind));
  const std::string tag = options.tag.empty() ? own_tag(options.kind) : options.tag;
  std::error_code error;
  if (!options.files.empty() && fs::exists(options.files, error) && !fs::is_empty(options.files, error))
    return fail(Code::usage, "--files", "a folder that is new or empty", options.files, "choose another");
  const BuildFolder folder(options.files);
  FAIR_TRY_ASSIGN(const fs::path recipe, plugins::share_folder("images"));
  FAIR_TRY_ASSIGN(const auto gathered, image::gather(kind, fs::read_symlink("/proc/self/exe", error), train::library(), folder.path()));
  fs::copy_file(recipe / "Containerfile", folder.path() / "Containerfile", fs::copy_options::overwrite_existing, error);
  if (error) return fail(Code::io, (folder.path() / "Containerfile").string(), "a copy of the recipe", error.message(), "check permissions");
  Json json{{"kind", options.kind}, {"libraries", gathered.libraries}, {"bytes", gathered.bytes}};
  const std::string size = std::to_string(gathered.libraries) + " libraries, " + megabytes(gathered.bytes);
  if (!options.files.empty()) {
    json["files"] = options.files;
    context.answer(json, options.files + ": what the image " + options.kind + " is made of, " + size + "; `buildah build --target " + options.kind +
                             " " + options.files + "` makes it");
    return done;
  }
  context.say("gathered " + size);
  FAIR_TRY_ASSIGN(const auto builder, image::Builder::find());
  FAIR_TRY(builder.build(folder.path(), options.kind, tag));
  json["image"] = tag;
  json["builder"] = builder.name();
  context.answer(json, tag + ", " + megabytes(gathered.bytes) + " before compression, by " + builder.name() + "\n`fair image push " + tag +
                           "` brings it to the stack's registry");
  return done;
}

Result<Exit> push(Context& context, const Options& options) {
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  const std::string tag = options.reference.find('/') == std::string::npos ? own_tag(options.reference) : options.reference;
  FAIR_TRY_ASSIGN(const image::Registry registry, desk.registry());
  FAIR_TRY_ASSIGN(const auto builder, image::Builder::find());
  const std::string name = options.as.empty() ? "fair-edge-" + tag.substr(tag.rfind('/') + 1) : options.as;
  FAIR_TRY_ASSIGN(const std::string pushed, builder.push(tag, registry.reference(name), registry));
  Json json{{"image", pushed}, {"item", nullptr}};
  std::string text = pushed;
  if (!options.item.empty()) {
    const stac::Part part = options.runtime == "training" ? stac::Part::training_runtime : stac::Part::inference_runtime;
    FAIR_TRY_ASSIGN(const auto item, launch::publish_runtime(desk.catalog(), options.item, part, pushed, runs::utc_now()));
    json["item"] = item.id();
    text += " is the " + options.runtime + " runtime of " + item.id();
  }
  context.answer(json, text);
  return done;
}

}  // namespace

void add_image(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("image", "Container images of this program: what predicts, serves or trains, and nothing else");
  verb->footer("Example:\n  fair image build serve && fair image push serve --item unet-segmentation-small");
  verb->require_subcommand(1);
  auto options = std::make_shared<Options>();
  CLI::App* make = verb->add_subcommand("build", "Build an image of this program with what it runs on; no base image, no network");
  make->footer(
      "By buildah, docker or podman ($FAIR_IMAGE_BUILDER chooses). Its user is 10001, its workspace /workspace.\nExample:\n  fair image build serve");
  make->add_option("kind", options->kind, "infer, serve, train (CPU), or train-cuda")
      ->required()
      ->check(CLI::IsMember({"infer", "serve", "train", "train-cuda"}))
      ->type_name("KIND");
  make->add_option("--tag", options->tag, "Its name on this machine; localhost/fair-edge/KIND:latest where it is left out")->type_name("REF");
  make->add_option("--files", options->files, "Gather its files and recipe into this folder, and build nothing")->type_name("DIR");
  context.on(make, [options](Context& c) { return build(c, *options); });
  CLI::App* send = verb->add_subcommand("push", "Push an image to the stack's registry; with --item its digest becomes that model's runtime");
  send->footer("Example:\n  fair image push serve --as unet_segmentation:latest-inference --item unet-segmentation");
  send->add_option("image", options->reference, "A kind, or a name on this machine")->required()->type_name("KIND|REF");
  send->add_option("--as", options->as, "Its name and tag in the registry; fair-edge-KIND:latest where it is left out")->type_name("NAME:TAG");
  send->add_option("--item", options->item, "The model whose runtime it is")->type_name("ID");
  send->add_option("--runtime", options->runtime, "Which of its runtimes")->capture_default_str()->check(CLI::IsMember({"training", "inference"}));
  context.on(send, [options](Context& c) { return push(c, *options); });
}

}  // namespace fair::cli
