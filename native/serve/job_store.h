// Jobs and how far they are, in an SQLite file of the workspace: what was asked for outlives the server.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "native/runs/database.h"

namespace fair::serve {

enum class JobStatus { queued, running, done, failed, cancelled };

[[nodiscard]] const char* name(JobStatus status);
[[nodiscard]] std::optional<JobStatus> job_status_from(const std::string& name);

struct Job {
  std::string id;           ///< sorts by time
  std::string kind;         ///< predict, finetune, promote, archive, delete, compat
  std::string description;  ///< the client's own
  Json request;             ///< as it came
  JobStatus status = JobStatus::queued;
  std::int64_t done = 0, total = 0;  ///< windows or steps; 0 of 0 while nobody knows
  std::string note;                  ///< the program's last line about it
  Json result, error;                ///< the program's answer; null until there is one
  std::int64_t attempts = 0;         ///< times it was begun
  std::string created_at, started_at, ended_at;

  [[nodiscard]] bool ended() const { return status == JobStatus::done || status == JobStatus::failed || status == JobStatus::cancelled; }
};

/// Safe from several threads, of one server. Errors are the file's.
class JobStore {
 public:
  /// Opens or makes the file. Jobs that ran when their server ended wait again.
  [[nodiscard]] static Result<std::unique_ptr<JobStore>> open(const std::string& path);

  [[nodiscard]] Result<Job> add(const std::string& kind, const std::string& description, const Json& request);
  /// Code::not_found.
  [[nodiscard]] Result<Job> find(const std::string& id);
  /// Newest first.
  [[nodiscard]] Result<std::vector<Job>> list(std::optional<JobStatus> status, std::int64_t most);
  [[nodiscard]] Result<std::int64_t> waiting();

  /// The one that waits longest, as running now; nothing where none waits.
  [[nodiscard]] Result<std::optional<Job>> take();
  Result<> tell(const std::string& id, std::int64_t done, std::int64_t total, const std::string& note);
  Result<> end(const std::string& id, JobStatus status, const Json& result, const Json& error);
  /// Running, but its server ends: it waits again, and this attempt does not count.
  Result<> put_back(const std::string& id);
  /// One that waits is cancelled at once. False where it did not wait.
  [[nodiscard]] Result<bool> cancel_waiting(const std::string& id);
  Result<> remove(const std::string& id);

 private:
  explicit JobStore(std::unique_ptr<runs::Database> database) : database_(std::move(database)) {}
  [[nodiscard]] Result<std::vector<Job>> read(runs::Statement& statement);

  std::mutex mutex_;
  std::unique_ptr<runs::Database> database_;
};

}  // namespace fair::serve
