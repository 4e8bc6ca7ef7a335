#include <CLI/CLI.hpp>

#include "native/cli/verbs.h"

namespace fair::cli {

void add_import(CLI::App& app, Context& context) {
  CLI::App* import = app.add_subcommand("import", "Bring in weights and models that others trained");
  import->footer("Example:\n  fair import weights unet.safetensors --base unet-segmentation\n  fair import model exported.onnx --license MIT");
  import->require_subcommand(1);
  add_import_model(*import, context);
  add_import_weights(*import, context);
}

}  // namespace fair::cli
