// The verbs, one file each: every function adds one to the command line.
#pragma once

#include "native/cli/context.h"

namespace fair::cli {

void add_init(CLI::App& app, Context& context);
void add_validate(CLI::App& app, Context& context);
void add_compat(CLI::App& app, Context& context);
void add_register(CLI::App& app, Context& context);
void add_list(CLI::App& app, Context& context);
void add_show(CLI::App& app, Context& context);
void add_dataset(CLI::App& app, Context& context);
void add_finetune(CLI::App& app, Context& context);
void add_promote(CLI::App& app, Context& context);
void add_archive(CLI::App& app, Context& context);
void add_delete(CLI::App& app, Context& context);
void add_predict(CLI::App& app, Context& context);
void add_merge(CLI::App& app, Context& context);
void add_evaluate(CLI::App& app, Context& context);
void add_export(CLI::App& app, Context& context);
void add_graph(CLI::App& app, Context& context);
void add_import(CLI::App& app, Context& context);
void add_serve(CLI::App& app, Context& context);
void add_plugins(CLI::App& app, Context& context);
void add_image(CLI::App& app, Context& context);
void add_runs(CLI::App& app, Context& context);
void add_jobs(CLI::App& app, Context& context);
void add_stack(CLI::App& app, Context& context);
void add_demo(CLI::App& app, Context& context);
void add_completion(CLI::App& app, Context& context);

/// Below `fair plugins`.
void add_plugins_new(CLI::App& plugins, Context& context);
void add_plugins_check(CLI::App& plugins, Context& context);
void add_plugins_pipeline(CLI::App& plugins, Context& context);
/// And `remove`.
void add_plugins_install(CLI::App& plugins, Context& context);

/// Below `fair import`.
void add_import_model(CLI::App& import, Context& context);
void add_import_weights(CLI::App& import, Context& context);

}  // namespace fair::cli
