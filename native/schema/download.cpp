#include "native/schema/download.h"

#ifdef FAIR_WITH_CURL
#include <curl/curl.h>

#include <memory>
#endif

namespace fair::schema {

#ifdef FAIR_WITH_CURL
namespace {

constexpr std::size_t most_bytes = 8U << 20U;

std::size_t collect(char* data, std::size_t size, std::size_t count, void* user) {
  auto& body = *static_cast<std::string*>(user);
  if (body.size() + size * count > most_bytes) return 0;
  body.append(data, size * count);
  return size * count;
}

}  // namespace

Result<std::string> download(const std::string& address, long timeout_seconds) {
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return fail(Code::io, address, "a connection", "libcurl does not start");
  std::string body;
  curl_easy_setopt(curl.get(), CURLOPT_URL, address.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, timeout_seconds < 5 ? timeout_seconds : 5L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, timeout_seconds);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_USERAGENT, "fair-edge");
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) {
    const bool large = code == CURLE_WRITE_ERROR;
    return fail(Code::io, address, "a schema of at most 8 MB", large ? "more" : curl_easy_strerror(code),
                "go online, or give a folder of schemas with --schemas");
  }
  return body;
}
#else
Result<std::string> download(const std::string& address, long) {
  return fail(Code::unsupported, address, "a build with libcurl", "one without", "give a folder of schemas with --schemas");
}
#endif

}  // namespace fair::schema
