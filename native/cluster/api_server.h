// A Kubernetes API server as this program talks to it: JSON in and out, over TLS.
// Spec: https://kubernetes.io/docs/reference/using-api/api-concepts/
#pragma once

#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/base/json.h"
#include "native/http/client.h"

namespace fair::cluster {

/// Where it is and who we are there.
struct ApiServerOptions {
  std::string url;         ///< https://…, no slash at the end
  std::string name_space;  ///< of everything that is made: the context's or the pod's own
  http::Tls tls;
  std::string token;       ///< a bearer's, or ""
  std::string token_file;  ///< read anew for every request: the kubelet renews it

  /// In a pod, with no kubeconfig named: its service account. Else `kubeconfig`, $KUBECONFIG or ~/.kube/config, and `context` or the file's current
  /// one; its tokens, client certificates and certificate authorities, in the file or beside it. Code::unsupported for logins by other programs.
  [[nodiscard]] static Result<ApiServerOptions> find(const std::string& kubeconfig, const std::string& context);
};

class ApiServer {
 public:
  [[nodiscard]] static Result<ApiServer> create(ApiServerOptions options);

  [[nodiscard]] const std::string& name_space() const { return options_.name_space; }
  [[nodiscard]] const std::string& url() const { return options_.url; }

  /// `path` begins with /api or /apis. Answers that are no success are errors with the server's own message: Code::not_found for 404, conflict for
  /// 409, usage for 401, 403 and 422, io for the rest.
  [[nodiscard]] Result<Json> get(const std::string& path) const;
  [[nodiscard]] Result<std::string> text(const std::string& path) const;
  Result<Json> post(const std::string& path, const Json& body) const;
  /// A merge patch (RFC 7386).
  Result<Json> patch(const std::string& path, const Json& body) const;
  /// With everything that the object owns. None there is no error.
  Result<> remove(const std::string& path) const;

 private:
  ApiServer(ApiServerOptions options, http::Client client);
  [[nodiscard]] Result<http::Response> send(const std::string& method, const std::string& path, const std::string& body,
                                            const std::string& type) const;

  ApiServerOptions options_;
  std::shared_ptr<http::Client> client_;
};

}  // namespace fair::cluster
