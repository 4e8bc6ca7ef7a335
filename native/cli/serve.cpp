#include <CLI/CLI.hpp>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <mutex>

#include "native/cli/desk.h"
#include "native/cli/interrupt.h"
#include "native/cli/verbs.h"
#include "native/http/patience.h"
#include "native/io/atomic_file.h"
#include "native/launch/known_plugins.h"
#include "native/runs/clock.h"
#include "native/serve/answers.h"
#include "native/serve/server.h"

namespace fair::cli {
namespace {

constexpr int usual_port = 8765;
constexpr std::uint64_t largest_body = 17U << 20U;  // of a tensor in JSON; other routes take less
constexpr const char* token_variable = "FAIR_SERVE_TOKEN";

struct Options {
  std::string folder, page, models, device = "cpu", host = "127.0.0.1", log, token_file;
  std::vector<std::string> mounts, cors, allow_hosts, allow_private;
  int port = usual_port, threads = 0, memory = 2048, at_once = 0, waiting = 64, batch = 0, jobs_at_once = 1;
  std::int64_t max_tiles = 1024, max_job_tiles = 100'000;
  double deadline = 300, notice = 0, patience = 30;
  bool isolated = false, quiet = false, predict = false, https_only = false;
};

/// "/name=DIR".
Result<serve::Mount> mount_from(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals < 2 || text[0] != '/' || text.find('/', 1) < equals || equals + 1 == text.size()) {
    return fail(Code::usage, "--mount", "/NAME=DIR", text, "for example --mount /tiles=fair-demo/tiles");
  }
  return serve::Mount{text.substr(0, equals), text.substr(equals + 1)};
}

Result<std::vector<serve::Mount>> mounts_of(const Context& context, const Options& options) {
  std::vector<serve::Mount> out;
  if (options.folder == "workspace") {
    out = {{"/artifacts", context.workspace + "/artifacts"}, {"/catalog", context.workspace + "/catalog"}};
  } else if (!options.folder.empty()) {
    out = {{"/", options.folder}};
  }
  if (!options.page.empty()) {
    if (options.folder != "workspace") {
      return fail(Code::usage, "--page", "--static workspace",
                  options.folder.empty() ? "none" : "--static " + options.folder + ", which is at / itself",
                  "mount that folder with --mount /NAME=DIR");
    }
    out.push_back({"/", options.page});
  }
  for (const std::string& given : options.mounts) {
    FAIR_TRY_ASSIGN(serve::Mount mount, mount_from(given));
    out.push_back(std::move(mount));
  }
  return out;
}

serve::PredictingOptions predicting(const Options& options, store::Workspace* workspace) {
  serve::PredictingOptions out;
  out.shelf.workspace = workspace;
  out.shelf.folder = options.models;
  std::error_code ignored;
  out.shelf.downloads.folder =
      workspace != nullptr ? workspace->folder() / "downloads" : std::filesystem::temp_directory_path(ignored) / "fair-models";
  out.cache.most_bytes = static_cast<std::uint64_t>(options.memory) << 20U;
  out.cache.session.device = options.device;
  out.cache.session.threads = options.threads;
  out.cache.most_windows = options.batch;
  out.limits.at_once = options.at_once;
  out.limits.waiting = static_cast<std::size_t>(options.waiting);
  out.limits.tiles = options.max_tiles;
  out.limits.seconds = options.deadline;
  out.addresses = {options.allow_hosts, options.allow_private, options.https_only};
  return out;
}

/// The secret that jobs want: of the file, else $FAIR_SERVE_TOKEN, which the programs that jobs start do not see; "" without either.
Result<std::string> token_of(const Options& options) {
  std::string out;
  if (!options.token_file.empty()) {
    FAIR_TRY_ASSIGN(out, io::read_whole(options.token_file, 4096));
    while (!out.empty() && std::isspace(static_cast<unsigned char>(out.back())) != 0) out.pop_back();
    if (out.empty()) return fail(Code::usage, options.token_file, "a token", "an empty file", "write a long random text into it");
  } else if (const char* given = std::getenv(token_variable); given != nullptr) {
    out = given;
  }
  unsetenv(token_variable);
  return out;
}

serve::JobOptions jobs(const Context& context, const Options& options, const store::Workspace& workspace, std::string token) {
  serve::JobOptions out;
  std::error_code ignored;
  out.program = std::filesystem::read_symlink("/proc/self/exe", ignored).string();
  out.folder = workspace.folder() / "jobs";
  out.around = {workspace.folder().string(), context.stack, options.max_job_tiles, {options.allow_hosts, options.allow_private, options.https_only}};
  out.token = std::move(token);
  out.at_once = options.jobs_at_once;
  return out;
}

/// One line a request: JSON for collectors, or a few words for people.
std::function<void(const serve::Served&, const std::string&)> logger(bool json) {
  return [json, printing = std::make_shared<std::mutex>()](const serve::Served& served, const std::string& route) {
    const serve::Request& r = served.request;
    std::string line;
    if (json) {
      line = serve::line_of({{"time", runs::utc_now()},
                             {"level", served.status >= 500 ? "error" : "info"},
                             {"message", "request"},
                             {"request_id", r.id},
                             {"peer", r.peer},
                             {"method", r.method},
                             {"path", r.path},
                             {"route", route},
                             {"status", served.status},
                             {"bytes", served.bytes},
                             {"seconds", served.seconds}}) +
             "\n";
    } else {
      line = "fair: " + r.method + " " + r.path + " " + std::to_string(served.status) + "\n";
    }
    const std::lock_guard lock(*printing);
    std::fwrite(line.data(), 1, line.size(), stderr);
  };
}

std::chrono::milliseconds milliseconds(double seconds) { return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)); }

Result<Exit> run(Context& context, const Options& options) {
  serve::ServerOptions wanted;
  wanted.listening.host = options.host;
  wanted.listening.port = options.port;
  wanted.isolated = options.isolated;
  wanted.cors = options.cors;
  FAIR_TRY_ASSIGN(wanted.mounts, mounts_of(context, options));
  const bool predicts = options.predict || options.folder.empty() || !options.models.empty();
  std::optional<Desk> desk;
  if (predicts) {
    auto opened = Desk::open(context);
    if (opened) {
      desk = std::move(*opened);
    } else if (opened.error().code != Code::not_found) {
      return fail(std::move(opened).error());
    }
    wanted.predicting = predicting(options, desk ? &desk->workspace() : nullptr);
    wanted.listening.body_bytes = largest_body;
    FAIR_TRY_ASSIGN(std::string token, token_of(options));
    if (!token.empty() && !desk)
      return fail(Code::usage, "jobs", "a workspace", "a token without one", "make it with fair init, or leave the token out");
    if (!token.empty()) wanted.jobs = jobs(context, options, desk->workspace(), std::move(token));
  }
  if (!options.quiet) wanted.log = logger(options.log.empty() ? predicts : options.log == "json");
  Json folders = Json::object();
  for (const auto& m : wanted.mounts) folders[m.prefix] = m.folder.string();
  const bool does_jobs = wanted.jobs.has_value();
  FAIR_TRY_ASSIGN(auto plugins, launch::known_plugins());
  FAIR_TRY_ASSIGN(const auto server, serve::Server::open(std::move(wanted), std::move(plugins)));
  std::string text;
  for (const auto& [prefix, folder] : folders.items()) text += "serving " + folder.get<std::string>() + " at " + server->url() + prefix + "\n";
  if (predicts) text += "predicting at " + server->url() + "/predict\n";
  context.answer({{"url", server->url()}, {"port", server->port()}, {"folders", folders}, {"predicting", predicts}, {"jobs", does_jobs}},
                 text + "Ctrl-C ends it\n");
  std::fflush(stdout);
  http::tell_of_waits({});  // its log is read by programs, and clients are told by their answers
  const Interrupt interrupt([&] { server->stop(milliseconds(options.notice), milliseconds(options.patience)); });
  FAIR_TRY(server->run());
  return done;
}

}  // namespace

void add_serve(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("serve", "Predict over HTTP as fAIr's services do, or serve files, on this machine or in a container");
  verb->footer(
      "Runs in the foreground until Ctrl-C or SIGTERM, which lets what is under way be finished. Without --static it predicts:\n"
      "POST /predict and /<base model>/predict; GET /health, /ready, /models, /metrics, /openapi.json; /v2 for the bare graphs. Requests may name\n"
      "imagery and models by any public http(s) address, and none inside private networks but what --allow-private names. With a token it does\n"
      "jobs for whoever bears it: POST /jobs.\n"
      "Example:\n  fair serve --port 8080 --host 0.0.0.0 --cors https://fair.example.org\n"
      "  fair serve --models models --allow-private 10.20.0.0/16 --allow-host '*.tiles.example.org'\n"
      "  fair serve --static workspace --predict");
  auto options = std::make_shared<Options>();
  if (const char* port = std::getenv("PORT"); port != nullptr && std::atoi(port) > 0) options->port = std::atoi(port);  // as Knative gives it
  CLI::App* o = verb;
  o->add_option("--port", options->port, "Port; 0 takes any free one ($PORT)")->capture_default_str()->check(CLI::Range(0, 65535));
  o->add_option("--host", options->host, "Address to listen at; 0.0.0.0 and :: are all of them")->capture_default_str()->type_name("ADDRESS");
  o->add_flag("--quiet", options->quiet, "Do not log requests");
  o->add_option("--log", options->log, "How requests are logged, on standard error; json where it predicts")->check(CLI::IsMember({"json", "text"}));

  const char* files = "Files";
  o->add_option("--static", options->folder, "A folder, or the word workspace")->type_name("DIR|workspace")->group(files);
  o->add_option("--page", options->page, "With --static workspace: a folder to show at /, such as the web demo's")->type_name("DIR")->group(files);
  o->add_option("--mount", options->mounts, "A further folder under a path; may be given several times")->type_name("/NAME=DIR")->group(files);
  o->add_flag("--isolated", options->isolated, "Send the COOP and COEP headers that threads in WebAssembly need")->group(files);

  const char* predictions = "Predictions";
  o->add_flag("--predict", options->predict, "Predict, beside --static")->group(predictions);
  o->add_option("--models", options->models, "A folder of ONNX files that requests may name")->type_name("DIR")->group(predictions);
  o->add_option("--device", options->device, "auto, cpu or cuda")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
      ->capture_default_str()
      ->group(predictions);
  o->add_option("--threads", options->threads, "Processor threads; all where it is left out")->check(CLI::Range(1, 1024))->group(predictions);
  o->add_option("--memory", options->memory, "Megabytes of models kept loaded")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20))
      ->group(predictions);
  o->add_option("--batch", options->batch, "Most windows that a run of a model joins; the session's own choice where it is left out")
      ->check(CLI::Range(1, 1024))
      ->group(predictions);
  o->add_option("--cors", options->cors, "An origin whose pages may ask, or *; may be given several times")->type_name("ORIGIN")->group(predictions);

  const char* work = "Jobs";
  o->add_option("--token-file", options->token_file, "File with the secret that /jobs wants as a bearer token ($FAIR_SERVE_TOKEN)")
      ->type_name("FILE")
      ->check(CLI::ExistingFile)
      ->group(work);
  o->add_option("--jobs-at-once", options->jobs_at_once, "Jobs under way at a time")->capture_default_str()->check(CLI::Range(1, 64))->group(work);
  o->add_option("--max-job-tiles", options->max_job_tiles, "Tiles of one job")->capture_default_str()->check(CLI::PositiveNumber)->group(work);

  const char* limits = "Limits";
  o->add_option("--at-once", options->at_once, "Predictions under way at a time; two a core where it is left out")
      ->check(CLI::Range(1, 1024))
      ->group(limits);
  o->add_option("--queue", options->waiting, "Predictions that may wait; more are told 429")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000))
      ->group(limits);
  o->add_option("--max-tiles", options->max_tiles, "Tiles of one request")->capture_default_str()->check(CLI::PositiveNumber)->group(limits);
  o->add_option("--deadline", options->deadline, "Seconds for one request")->capture_default_str()->check(CLI::Range(0.1, 86400.0))->group(limits);
  o->add_option("--allow-host", options->allow_hosts, "A host that requests may name, or *.NAME; all where it is left out")
      ->type_name("HOST")
      ->group(limits);
  o->add_option("--allow-private", options->allow_private, "A host, address or network inside a private network that requests may name")
      ->type_name("HOST|NETWORK")
      ->group(limits);
  o->add_flag("--https-only", options->https_only, "Requests may name https addresses only")->group(limits);
  o->add_option("--notice", options->notice, "Seconds that /ready says no before nothing new is taken, at the end")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 3600.0))
      ->group(limits);
  o->add_option("--patience", options->patience, "Seconds that what is under way has to be finished, at the end")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 86400.0))
      ->group(limits);
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
