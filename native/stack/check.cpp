#include "native/stack/check.h"

#include <unistd.h>

#include <chrono>
#include <random>
#include <thread>
#include <utility>

#include "native/image/builder.h"
#include "native/stack/components.h"
#include "native/store/folder_store.h"
#ifdef FAIR_WITH_CURL
#include "native/http/client.h"
#include "native/io/digest.h"
#endif

namespace fair::stack {
namespace {

std::string name_nobody_has() {
  std::random_device random;
  return "fair-check-" + std::to_string(::getpid()) + "-" + std::to_string(random());
}

/// The catalogue is written to by its writers' turns, and its items are read.
Result<std::string> try_catalog(const Stack& stack, store::Workspace& workspace) {
  FAIR_TRY_ASSIGN(const auto remote, open_catalog(stack));
  auto& catalog = remote ? *remote : workspace.catalog();
  std::size_t items = 0;
  for (const char* collection : {catalog::base_models, catalog::local_models, catalog::datasets}) {
    FAIR_TRY_ASSIGN(const auto all, catalog.items(collection));
    items += all.size();
  }
  FAIR_TRY(catalog.commit({}));  // a writer's turn, taken and given back
  return std::to_string(items) + " items read, a writer's turn taken and given back";
}

#ifdef FAIR_WITH_CURL
/// May a page of another address read it? What a browser asks before it fetches.
std::string cross_origin(const std::string& address) {
  http::ClientOptions options;
  options.attempts = 1;
  options.timeout_seconds = 10;
  const auto client = http::Client::create(options);
  http::Request request;
  request.url = address;
  request.headers["origin"] = "https://example.org";
  if (!client) return {};
  const auto answer = client->send(request);
  const std::string allowed = answer ? answer->header("access-control-allow-origin") : "";
  if (allowed == "*" || allowed == "https://example.org") return "; pages of other addresses may read (CORS)";
  return "; pages of other addresses may not read: set the bucket's CORS for predictions in the browser";
}
#endif

Result<std::string> try_artifacts(const Stack& stack, store::Workspace& workspace) {
  FAIR_TRY_ASSIGN(auto remote, open_artifacts(stack));
  if (!remote) remote = store::folder_store(workspace.artifacts(), workspace.settings().asset_base);
  const std::string key = name_nobody_has(), text = "written by fair stack check";
  FAIR_TRY(remote->write(key, text));
  const auto read = remote->read(key);
  std::string origin;
#ifdef FAIR_WITH_CURL
  if (stack.part("artifacts").kind != "folder") {
    const auto address = remote->presigned(key, 60);
    if (address) origin = cross_origin(*address);
  }
#endif
  FAIR_TRY(remote->remove(key));
  if (!read) return fail(read.error());
  if (*read != text) return fail(Code::invalid, remote->name() + "/" + key, "what was written", "something else", "who changes objects there?");
  return remote->name() + ": written, read, removed" + origin;
}

Result<std::string> try_versions(const Stack& stack, store::Workspace& workspace) {
  FAIR_TRY_ASSIGN(const auto store, open_versions(stack, workspace));
  versions::NewVersion added;
  added.model = added.run_id = name_nobody_has();
  added.metadata = added.artifacts = Json::object();
  FAIR_TRY(store->versions(added.model));  // one that cannot be reached is told of at once
  const auto version = store->add(added);
  const Result<> staged = version ? store->set_stage(added.model, version->number, versions::Stage::production) : Result<>();
  const auto read = store->versions(added.model);
  const auto removed = store->remove_model(added.model);
  if (!version) return fail(version.error());
  FAIR_TRY(staged);
  if (!read) return fail(read.error());
  FAIR_TRY(removed);
  if (read->size() != 1 || read->front().stage != versions::Stage::production)
    return fail(Code::invalid, store->name(), "the version just made, in production", std::to_string(read->size()) + " versions",
                "who changes them there?");
  return store->name() + ": a version made, its stage set, removed";
}

/// A registry is asked whether it is one, and whether we may push: an upload is begun and given up.
Result<std::string> try_images(const Stack& stack, store::Workspace&) {
  FAIR_TRY_ASSIGN(const auto registry, image_registry(stack));
  const auto builder = image::Builder::find();
  const std::string by = builder ? "built by " + builder->name() : "no builder works on this machine (buildah, docker, podman)";
  if (!registry) return "on this machine, " + by;
#ifdef FAIR_WITH_CURL
  http::ClientOptions options;
  options.attempts = 2;
  options.timeout_seconds = 10;
  FAIR_TRY_ASSIGN(const http::Client client, http::Client::create(options));
  const std::string root = (registry->insecure ? "http://" : "https://") + registry->host;
  const auto ask = [&](const char* method, const std::string& url) {
    http::Request request;
    request.method = method;
    request.url = url;
    if (!registry->user.empty()) request.headers["authorization"] = "Basic " + io::base64(registry->user + ":" + registry->password);
    return client.send(std::move(request));
  };
  FAIR_TRY_ASSIGN(const http::Response answer, ask("GET", root + "/v2/"));
  const bool tokens = answer.status == 401 && answer.header("www-authenticate").rfind("Bearer", 0) == 0;
  if (tokens) return root + " is a registry and hands out tokens, " + by + "; whether pushing is allowed shows when something is pushed";
  if (!answer.good())
    return fail(Code::io, root + "/v2/", "an OCI registry", http::outcome(answer),
                answer.status == 401 ? "check user and password" : "check host and insecure");
  const std::string name = (registry->prefix.empty() ? "" : registry->prefix + "/") + "fair-stack-check";
  FAIR_TRY_ASSIGN(const http::Response begun, ask("POST", root + "/v2/" + name + "/blobs/uploads/"));
  if (begun.status != 202)
    return fail(Code::io, root + "/" + name, "an upload that may be begun", http::outcome(begun), "check what this user may do");
  const std::string where = begun.header("location");
  (void)ask("DELETE", where.rfind("http", 0) == 0 ? where : root + where);
  return root + " is a registry, an upload begun and given up; " + by;
#else
  return fail(Code::unsupported, "registry", "a build with libcurl", "one without", "use the local stack");
#endif
}

Result<std::string> try_tracker(const Stack& stack, store::Workspace& workspace) {
  FAIR_TRY_ASSIGN(const auto tracker, open_tracker(stack, workspace.folder() / "mlruns"));
  track::RunFacts facts;
  facts.experiment = "fair-stack-check", facts.name = name_nobody_has();
  FAIR_TRY_ASSIGN(const std::string run, tracker->start(facts));
  FAIR_TRY(tracker->log(run, {{"check", 1, 0, track::now_milliseconds()}}));
  FAIR_TRY(tracker->end(run, track::Outcome::finished));
  return tracker->name() + ": a run begun, a metric logged, the run ended";
}

/// Would the cluster take a job of ours? Asked without making one.
Result<std::string> try_launcher(const Stack& stack, store::Workspace&) {
  if (stack.part("launcher").kind == "process") return "this machine, " + std::to_string(std::thread::hardware_concurrency()) + " processors";
#ifdef FAIR_WITH_CURL
  FAIR_TRY_ASSIGN(const cluster::Jobs jobs, open_jobs(stack));
  FAIR_TRY_ASSIGN(const Json version, jobs.server().get("/version"));
  FAIR_TRY_ASSIGN(cluster::JobPlan plan, job_plan(stack));
  plan.name = cluster::job_name(name_nobody_has());
  plan.command = {"fair", "--version"};
  FAIR_TRY(jobs.server().post("/apis/batch/v1/namespaces/" + jobs.server().name_space() + "/jobs?dryRun=All", cluster::job_of(plan)));
  if (!plan.secret.empty()) FAIR_TRY(jobs.server().get("/api/v1/namespaces/" + jobs.server().name_space() + "/secrets/" + plan.secret));
  return jobs.server().url() + ", " + version.value("gitVersion", std::string("?")) + ": a job would be taken in namespace " +
         jobs.server().name_space();
#else
  return fail(Code::unsupported, "launcher kubernetes", "a build with libcurl", "one without", "use process");
#endif
}

}  // namespace

std::vector<Verdict> check(const Stack& stack, store::Workspace& workspace, const std::function<void(const std::string&)>& begin) {
  std::vector<Verdict> out;
  const auto attempt = [&](const char* part, const Component& component, Result<std::string> (*work)(const Stack&, store::Workspace&)) {
    begin(std::string(part) + " (" + component.kind + (component.get("url").empty() ? "" : ", " + component.get("url")) + ")");
    const auto start = std::chrono::steady_clock::now();
    const auto said = work(stack, workspace);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    out.push_back({part, component.kind, said.has_value(), said ? *said : said.error().message(), seconds});
  };
  attempt("catalog", stack.part("catalog"), try_catalog);
  attempt("artifacts", stack.part("artifacts"), try_artifacts);
  attempt("versions", stack.part("versions"), try_versions);
  attempt("images", stack.part("images"), try_images);
  attempt("tracker", stack.part("tracker"), try_tracker);
  attempt("launcher", stack.part("launcher"), try_launcher);
  return out;
}

}  // namespace fair::stack
