// Where people watch trainings: what a run was given, how its metrics go, how it ended. In MLflow's terms
// (https://mlflow.org/docs/latest/rest-api.html).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace fair::track {

struct RunFacts {
  std::string experiment, name;
  std::map<std::string, std::string> params, tags;
};

/// One point of a curve. Keys may hold '/', as fAIr's do.
struct Point {
  std::string key;
  double value = 0;
  std::int64_t step = 0, milliseconds = 0;  ///< since 1970, UTC
};

enum class Outcome { finished, failed, killed };

/// One suite of tests holds for all. Not for several threads at once.
class Tracker {
 public:
  virtual ~Tracker() = default;
  /// Begins a run, in an experiment that is made where it is missing. Gives the tracker's own id of it: 32 hexadecimal digits.
  [[nodiscard]] virtual Result<std::string> start(const RunFacts& facts) = 0;
  virtual Result<> log(const std::string& run, const std::vector<Point>& points) = 0;
  /// Keeps a copy of the file under `name`, which may hold '/'.
  virtual Result<> artifact(const std::string& run, const std::string& name, const std::filesystem::path& file) = 0;
  virtual Result<> end(const std::string& run, Outcome outcome) = 0;
  /// Which tracker this is: a folder or an address.
  [[nodiscard]] virtual std::string name() const = 0;
  /// For people: where the run can be looked at.
  [[nodiscard]] virtual std::string address(const std::string& run) const = 0;
};

/// Milliseconds since 1970, UTC.
[[nodiscard]] std::int64_t now_milliseconds();

}  // namespace fair::track
