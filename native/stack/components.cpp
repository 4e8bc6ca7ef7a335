#include "native/stack/components.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "native/track/mlflow_files.h"
#include "native/versions/sqlite_versions.h"
#ifdef FAIR_WITH_CURL
#include "native/io/digest.h"
#include "native/store/api_catalog.h"
#include "native/store/aws_settings.h"
#include "native/store/outside.h"
#include "native/store/s3_store.h"
#include "native/track/mlflow_server.h"
#include "native/versions/zenml_versions.h"
#endif

namespace fair::stack {
namespace {

/// Whatever goes wrong with a part is told with its name.
tl::unexpected<Error> of(const Stack& stack, const char* part, Error error) {
  error.thing = "stack " + stack.name + ", " + part + ": " + error.thing;
  return fail(std::move(error));
}

#ifdef FAIR_WITH_CURL
Result<std::string> authorization(const Component& component) {
  FAIR_TRY_ASSIGN(const std::string token, secret(component, "token"));
  if (!token.empty()) return "Bearer " + token;
  FAIR_TRY_ASSIGN(const std::string password, secret(component, "password"));
  const std::string user = component.get("user");
  if (user.empty() && password.empty()) return std::string();
  return "Basic " + io::base64(user + ":" + password);
}

Result<std::unique_ptr<catalog::CatalogStore>> stac_api(const Component& component) {
  store::ApiOptions options;
  options.url = component.get("url");
  FAIR_TRY_ASSIGN(options.authorization, authorization(component));
  FAIR_TRY_ASSIGN(auto api, store::ApiCatalog::open(options));
  return std::unique_ptr<catalog::CatalogStore>(std::move(api));
}

/// Of a component of kind s3; any other gives what AWS's settings say, without a bucket.
Result<store::S3Options> s3_options(const Component& component) {
  store::S3Options options;
  options.bucket = component.get("bucket");
  options.prefix = component.get("prefix");
  options.endpoint = component.get("endpoint");
  options.region = component.get("region");
  options.base = component.get("base");
  options.path_style = component.get("path_style", "true") != "false";
  if (const std::string megabytes = component.get("part_megabytes"); !megabytes.empty()) {
    const int value = std::atoi(megabytes.c_str());
    if (value < 5 || value > 5120) return fail(Code::usage, "part_megabytes", "5 to 5120", megabytes, "correct it");
    options.part_bytes = static_cast<std::uint64_t>(value) << 20U;
  }
  return options;
}

Result<std::unique_ptr<store::ObjectStore>> s3(const Component& component) {
  FAIR_TRY_ASSIGN(const store::AwsSettings aws, store::aws_settings(component.get("profile")));
  FAIR_TRY_ASSIGN(store::S3Options options, s3_options(component));
  if (options.endpoint.empty()) options.endpoint = aws.endpoint;
  if (options.region.empty()) options.region = aws.region;
  return store::s3_store(options, aws.credentials);
}

Result<std::unique_ptr<versions::VersionStore>> zenml(const Component& component, const store::Workspace& workspace) {
  versions::ZenmlLogin login;
  FAIR_TRY_ASSIGN(login.api_key, secret(component, "api_key"));
  FAIR_TRY_ASSIGN(login.password, secret(component, "password"));
  login.user = component.get("user");
  FAIR_TRY_ASSIGN(auto server, versions::ZenmlServer::create(component.get("url"), component.get("project", "default"), std::move(login)));
  return versions::zenml_versions(std::move(server), workspace.remote() != nullptr ? workspace.remote()->name() : workspace.artifacts().string());
}
#else
tl::unexpected<Error> without_curl(const Stack& stack, const char* part) {
  return fail(Code::unsupported, "stack " + stack.name + ", " + part, "a build with libcurl", "one without", "use the local stack");
}
#endif

}  // namespace

Result<std::unique_ptr<catalog::CatalogStore>> open_catalog(const Stack& stack) {
  if (stack.part("catalog").kind == "files") return std::unique_ptr<catalog::CatalogStore>();
#ifdef FAIR_WITH_CURL
  auto opened = stac_api(stack.part("catalog"));
  if (!opened) return of(stack, "catalog", opened.error());
  return opened;
#else
  return without_curl(stack, "catalog");
#endif
}

Result<std::unique_ptr<store::ObjectStore>> open_artifacts(const Stack& stack) {
  if (stack.part("artifacts").kind == "folder") return std::unique_ptr<store::ObjectStore>();
#ifdef FAIR_WITH_CURL
  auto opened = s3(stack.part("artifacts"));
  if (!opened) return of(stack, "artifacts", opened.error());
  return opened;
#else
  return without_curl(stack, "artifacts");
#endif
}

Result<std::unique_ptr<versions::VersionStore>> open_versions(const Stack& stack, const store::Workspace& workspace) {
  if (stack.part("versions").kind == "sqlite") return versions::open_sqlite(workspace.runs().string());
#ifdef FAIR_WITH_CURL
  auto opened = zenml(stack.part("versions"), workspace);
  if (!opened) return of(stack, "versions", opened.error());
  return opened;
#else
  return without_curl(stack, "versions");
#endif
}

Result<store::Workspace::Reach> open_outside(const Stack& stack, const std::filesystem::path& folder) {
#ifdef FAIR_WITH_CURL
  const Component& component = stack.part("artifacts");
  auto options = s3_options(component);
  if (!options) return of(stack, "artifacts", options.error());
  const store::Outside outside(folder / "fetched", std::move(*options), component.get("profile"));
  return [outside](const std::string& address) { return outside.bring(address); };
#else
  (void)stack, (void)folder;
  return store::Workspace::Reach();
#endif
}

Result<std::optional<image::Registry>> image_registry(const Stack& stack) {
  const Component& component = stack.part("images");
  if (component.kind == "local") return std::optional<image::Registry>();
  auto password = secret(component, "password");
  if (!password) return of(stack, "images", password.error());
  return image::Registry{component.get("host"), component.get("prefix"), component.get("insecure") == "true", component.get("user"),
                         std::move(*password)};
}
#ifdef FAIR_WITH_CURL
Result<cluster::Jobs> open_jobs(const Stack& stack) {
  const Component& launcher = stack.part("launcher");
  if (launcher.kind != "kubernetes")
    return fail(Code::usage, "stack " + stack.name + ", launcher", "kubernetes", launcher.kind,
                "write [stack.NAME.launcher] with kind = \"kubernetes\"");
  auto options = cluster::ApiServerOptions::find(launcher.get("kubeconfig"), launcher.get("context"));
  if (!options) return of(stack, "launcher", options.error());
  options->name_space = launcher.get("namespace", options->name_space);
  auto server = cluster::ApiServer::create(std::move(*options));
  if (!server) return of(stack, "launcher", server.error());
  return cluster::Jobs(std::move(*server));
}

Result<cluster::JobPlan> job_plan(const Stack& stack) {
  const Component& launcher = stack.part("launcher");
  Component artifacts = stack.part("artifacts");
  if (artifacts.kind == "folder")
    return of(stack, "launcher", Error{Code::usage, "artifacts", "a place that pods reach too", "a folder of this machine", "use kind = \"s3\""});
  cluster::JobPlan plan;
  plan.image = launcher.get("image");
  plan.secret = launcher.get("secret");
  plan.service_account = launcher.get("service_account");
  for (const auto& [key, least, into] : {std::tuple{"retries", 0, &plan.retries}, std::tuple{"ranks", 1, &plan.pods}}) {
    const std::string given = launcher.get(key);
    if (given.empty()) continue;
    *into = std::atoi(given.c_str());
    if (*into < least || *into > 4096) return of(stack, "launcher", Error{Code::usage, key, std::to_string(least) + " to 4096", given, "correct it"});
  }
  // Pods may know the bucket by another address than people.
  if (const std::string inside = launcher.get("artifacts_endpoint"); !inside.empty()) artifacts.settings["endpoint"] = inside;
  std::string file = "[stack." + stack.name + ".artifacts]\nkind = \"" + artifacts.kind + "\"\n";
  for (const auto& [key, value] : artifacts.settings) file += key + " = " + Json(value).dump() + "\n";
  plan.files["fair.toml"] = file;
  plan.variables = {{"FAIR_CONFIG", "/etc/fair/fair.toml"}, {"FAIR_STACK", stack.name}};
  return plan;
}
#endif

Result<std::unique_ptr<track::Tracker>> open_tracker(const Stack& stack, const std::filesystem::path& folder) {
  if (stack.part("tracker").kind == "files") return track::mlflow_files(folder);
#ifdef FAIR_WITH_CURL
  track::MlflowOptions options;
  options.url = stack.part("tracker").get("url");
  auto allowed = authorization(stack.part("tracker"));
  if (!allowed) return of(stack, "tracker", allowed.error());
  options.authorization = std::move(*allowed);
  auto opened = track::mlflow_server(options);
  if (!opened) return of(stack, "tracker", opened.error());
  return opened;
#else
  return without_curl(stack, "tracker");
#endif
}

}  // namespace fair::stack
