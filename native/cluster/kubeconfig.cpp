// Where a cluster is, from a kubeconfig or a pod's service account.
// Spec: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
#include <cstdlib>
#include <filesystem>

#include "core/base/field.h"
#include "native/cluster/api_server.h"
#include "native/io/atomic_file.h"
#include "native/io/digest.h"
#include "native/io/variable.h"
#include "native/runs/config_file.h"

namespace fair::cluster {
namespace fs = std::filesystem;
namespace {

constexpr const char* account = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The object of that name in a list of {name, `key`: object}.
Result<Json> named(const Json& document, const char* list, const char* key, const std::string& name, const std::string& file) {
  const Json all = document.is_object() ? document.value(list, Json::array()) : Json::array();
  for (const Json& one : all) {
    if (text_of(one, "name") == name && one.contains(key)) return one[key];
  }
  return fail(Code::not_found, file + ": " + list, "one named " + name, "none", "correct the kubeconfig, or choose another context");
}

/// A value given as base64 `KEY-data`, or as a file `KEY` beside the kubeconfig.
Result<std::string> material(const Json& object, const std::string& key, const fs::path& folder) {
  if (const std::string data = text_of(object, (key + "-data").c_str()); !data.empty()) return io::from_base64(data, key + "-data");
  const std::string path = text_of(object, key.c_str());
  return path.empty() ? std::string() : io::read_whole(folder / path, 1U << 20U);
}

Result<ApiServerOptions> of_the_pod() {
  ApiServerOptions out;
  const std::string host = io::variable("KUBERNETES_SERVICE_HOST"), port = io::variable("KUBERNETES_SERVICE_PORT");
  out.url = "https://" + (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + (port.empty() ? "443" : port);
  out.token_file = std::string(account) + "/token";
  FAIR_TRY_ASSIGN(out.tls.authority, io::read_whole(std::string(account) + "/ca.crt", 1U << 20U));
  FAIR_TRY_ASSIGN(out.name_space, io::read_whole(std::string(account) + "/namespace", 4096));
  return out;
}

}  // namespace

Result<ApiServerOptions> ApiServerOptions::find(const std::string& kubeconfig, const std::string& context) {
  std::error_code error;
  std::string file = kubeconfig.empty() ? io::variable("KUBECONFIG") : kubeconfig;
  if (file.empty() && !io::variable("KUBERNETES_SERVICE_HOST").empty() && fs::exists(std::string(account) + "/token", error)) return of_the_pod();
  if (file.empty()) file = io::variable("HOME") + "/.kube/config";
  if (!fs::is_regular_file(file, error))
    return fail(Code::not_found, "kubeconfig " + file, "a file", "none", "set KUBECONFIG, or kubeconfig in fair.toml's launcher");
  FAIR_TRY_ASSIGN(const std::string content, io::read_whole(file, 4U << 20U));
  FAIR_TRY_ASSIGN(const Json document, runs::from_yaml(content, file));
  const std::string wanted = context.empty() ? text_of(document, "current-context") : context;
  FAIR_TRY_ASSIGN(const Json chosen, named(document, "contexts", "context", wanted, file));
  FAIR_TRY_ASSIGN(const Json cluster, named(document, "clusters", "cluster", text_of(chosen, "cluster"), file));
  FAIR_TRY_ASSIGN(const Json user, named(document, "users", "user", text_of(chosen, "user"), file));
  const fs::path folder = fs::absolute(file).parent_path();
  ApiServerOptions out;
  out.url = text_of(cluster, "server");
  out.name_space = text_of(chosen, "namespace").empty() ? "default" : text_of(chosen, "namespace");
  FAIR_TRY_ASSIGN(out.tls.authority, material(cluster, "certificate-authority", folder));
  out.tls.verify = cluster.value("insecure-skip-tls-verify", Json(false)) != Json(true);
  out.token = text_of(user, "token");
  if (const std::string path = text_of(user, "tokenFile"); out.token.empty() && !path.empty()) out.token_file = (folder / path).string();
  FAIR_TRY_ASSIGN(out.tls.certificate, material(user, "client-certificate", folder));
  FAIR_TRY_ASSIGN(out.tls.key, material(user, "client-key", folder));
  for (const char* other : {"exec", "auth-provider"}) {
    if (user.contains(other) && out.token.empty() && out.token_file.empty() && out.tls.certificate.empty()) {
      return fail(Code::unsupported, file + ": user " + text_of(chosen, "user"), "a token or a client certificate", other,
                  "make a token with `kubectl create token` and put it into a kubeconfig of its own");
    }
  }
  return out;
}

}  // namespace fair::cluster
