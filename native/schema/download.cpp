#include "native/schema/download.h"

#ifdef FAIR_WITH_CURL
#include "native/http/client.h"
#endif

namespace fair::schema {

#ifdef FAIR_WITH_CURL
Result<std::string> download(const std::string& address, long timeout_seconds) {
  http::ClientOptions options;
  options.connections = 1;
  options.attempts = 1;
  options.connect_seconds = 5;
  options.timeout_seconds = timeout_seconds;
  options.most_bytes = 8U << 20U;
  FAIR_TRY_ASSIGN(const http::Client client, http::Client::create(options));
  http::Request request;
  request.url = address;
  constexpr const char* hint = "go online, or give a folder of schemas with --schemas";
  auto response = client.send(std::move(request));
  if (!response) return fail(response.error().code, address, "a schema of at most 8 MB", response.error().found, hint);
  if (!response->good()) return fail(Code::io, address, "a schema", http::outcome(*response), hint);
  return std::move(response->body);
}
#else
Result<std::string> download(const std::string& address, long) {
  return fail(Code::unsupported, address, "a build with libcurl", "one without", "give a folder of schemas with --schemas");
}
#endif

}  // namespace fair::schema
