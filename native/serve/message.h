// What a request says and what is answered, without the library that carries them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace fair::serve {

/// Names in lower case.
using Headers = std::map<std::string, std::string>;

struct Request {
  std::string method;
  std::string path;                          ///< percent-decoded, without what follows "?"
  std::map<std::string, std::string> query;  ///< decoded
  Headers headers;
  std::string body;
  std::string peer;  ///< the client's address
  std::string id;    ///< its X-Request-Id, or one made up

  /// "" where there is none.
  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

/// A stretch of an open file; the descriptor is closed with the last who holds it.
struct FileBody {
  std::shared_ptr<const int> descriptor;
  std::uint64_t first = 0, size = 0;
};

struct Answer {
  int status = 200;
  std::string type;  ///< Content-Type; "" sends none
  std::string body;
  Headers headers;
  std::optional<FileBody> file;  ///< in place of `body`
};

}  // namespace fair::serve
