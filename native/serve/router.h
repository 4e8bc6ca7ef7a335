// Which handler a method and a path belong to.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "native/serve/exchange.h"

namespace fair::serve {

/// Values of a pattern's {names}.
using PathValues = std::map<std::string, std::string>;
using RouteHandler = std::function<void(const std::shared_ptr<Exchange>&, const PathValues&)>;

class Router {
 public:
  /// `pattern` such as "/{service}/predict"; a {name} stands for one part of the path. Patterns with more parts written out win over those with
  /// fewer.
  void add(const std::string& method, const std::string& pattern, RouteHandler handler);

  /// Hands the exchange over. False where no pattern is like its path. HEAD is GET; another method of a path that is there is answered with 405.
  [[nodiscard]] bool dispatch(const std::shared_ptr<Exchange>& exchange) const;
  /// The pattern for a path, for logs and counts; "" where there is none.
  [[nodiscard]] std::string pattern_of(const std::string& path) const;

 private:
  struct Place {
    std::string pattern;
    std::vector<std::string> parts;
    std::map<std::string, RouteHandler> methods;
  };
  [[nodiscard]] const Place* place_of(const std::string& path, PathValues* values) const;
  std::vector<Place> places_;
};

}  // namespace fair::serve
