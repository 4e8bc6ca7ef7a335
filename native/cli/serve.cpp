#include <CLI/CLI.hpp>
#include <mutex>

#include "native/cli/interrupt.h"
#include "native/cli/verbs.h"
#include "native/serve/static_files.h"

namespace fair::cli {
namespace {

struct Options {
  std::string folder, page;
  std::vector<std::string> mounts;
  int port = 8765;
  bool isolated = false, quiet = false;
};

/// "/name=DIR".
Result<serve::Mount> mount_from(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals < 2 || text[0] != '/' || text.find('/', 1) < equals || equals + 1 == text.size()) {
    return fail(Code::usage, "--mount", "/NAME=DIR", text, "for example --mount /tiles=fair-demo/tiles");
  }
  return serve::Mount{text.substr(0, equals), text.substr(equals + 1)};
}

Result<Exit> run(Context& context, const Options& options) {
  serve::StaticOptions wanted;
  wanted.port = options.port;
  wanted.isolated = options.isolated;
  if (options.folder == "workspace") {
    wanted.mounts = {{"/artifacts", context.workspace + "/artifacts"}, {"/catalog", context.workspace + "/catalog"}};
  } else {
    wanted.mounts = {{"/", options.folder}};
  }
  if (!options.page.empty()) {
    if (wanted.mounts.front().prefix == "/") {
      return fail(Code::usage, "--page", "--static workspace", "--static " + options.folder + ", which is at / itself",
                  "mount that folder with --mount /NAME=DIR");
    }
    wanted.mounts.push_back({"/", options.page});
  }
  for (const std::string& given : options.mounts) {
    FAIR_TRY_ASSIGN(serve::Mount mount, mount_from(given));
    wanted.mounts.push_back(std::move(mount));
  }
  auto printing = std::make_shared<std::mutex>();
  if (!options.quiet) {
    wanted.log = [printing, &context](const std::string& line) {
      const std::lock_guard lock(*printing);
      context.say(line);
    };
  }
  FAIR_TRY_ASSIGN(auto server, serve::StaticServer::bind(wanted));
  Json folders = Json::object();
  std::string text;
  for (const auto& m : wanted.mounts) {
    folders[m.prefix] = m.folder.string();
    text += "serving " + m.folder.string() + " at " + server.url() + m.prefix + "\n";
  }
  context.answer({{"url", server.url()}, {"port", server.port()}, {"folders", folders}}, text + "Ctrl-C ends it\n");
  std::fflush(stdout);
  const Interrupt interrupt([&server] { server.stop(); });
  FAIR_TRY(server.run());
  return done;
}

}  // namespace

void add_serve(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("serve", "Serve a folder, or the workspace's catalogue and artifacts, to a browser on this machine");
  verb->footer("Runs in the foreground on 127.0.0.1 until Ctrl-C.\nExample:\n  fair serve --static workspace --port 8765");
  auto options = std::make_shared<Options>();
  verb->add_option("--static", options->folder, "A folder, or the word workspace")->required()->type_name("DIR|workspace");
  verb->add_option("--page", options->page, "With --static workspace: a folder to show at /, such as the web demo's")->type_name("DIR");
  verb->add_option("--mount", options->mounts, "A further folder under a path; may be given several times")->type_name("/NAME=DIR");
  verb->add_option("--port", options->port, "Port; 0 takes any free one")->capture_default_str()->check(CLI::Range(0, 65535));
  verb->add_flag("--isolated", options->isolated, "Send the COOP and COEP headers that threads in WebAssembly need");
  verb->add_flag("--quiet", options->quiet, "Do not print requests");
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
