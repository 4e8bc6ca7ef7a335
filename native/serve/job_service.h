// POST /jobs and what follows: long work for fAIr's back end, done by child programs, one after the other.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "native/serve/job_request.h"
#include "native/serve/job_store.h"
#include "native/serve/router.h"

namespace fair::serve {

struct JobOptions {
  std::string program;           ///< `fair`
  std::filesystem::path folder;  ///< jobs.sqlite and a folder a job
  JobSurroundings around;
  std::string token;  ///< that every request must bear (RFC 6750); never empty
  int at_once = 1;
  std::int64_t waiting = 100;    ///< more are told 429
  std::int64_t attempts = 3;     ///< of a job whose server ended while it ran
  double patience_seconds = 20;  ///< for a program that is asked to end
};

class JobService {
 public:
  /// Takes up what waits from before.
  [[nodiscard]] static Result<std::unique_ptr<JobService>> open(JobOptions options);
  /// Programs under way are asked to end; their jobs wait for the next server.
  ~JobService();
  JobService(const JobService&) = delete;
  JobService& operator=(const JobService&) = delete;

  void add_routes(Router& router);

 private:
  JobService(JobOptions options, std::unique_ptr<JobStore> store) : options_(std::move(options)), store_(std::move(store)) {}
  void work();
  void run(const Job& job);
  [[nodiscard]] Result<std::vector<std::string>> words_for(const Job& job, const std::filesystem::path& folder) const;
  [[nodiscard]] std::filesystem::path folder_of(const std::string& id) const { return options_.folder / id; }

  [[nodiscard]] Answer create(const Request& request);
  [[nodiscard]] Answer show(const std::string& id);
  [[nodiscard]] Answer list(const Request& request);
  [[nodiscard]] Answer result(const std::string& id);
  [[nodiscard]] Answer cancel(const std::string& id, bool remove);

  JobOptions options_;
  std::unique_ptr<JobStore> store_;
  std::mutex mutex_;
  std::condition_variable wanted_;
  bool closing_ = false;
  struct Running {
    std::atomic<bool> stop{false}, cancelled{false};
  };
  std::map<std::string, std::shared_ptr<Running>> running_;
  std::vector<std::thread> threads_;
};

}  // namespace fair::serve
