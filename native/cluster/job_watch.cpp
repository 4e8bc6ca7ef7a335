#include "native/cluster/job_watch.h"

#include <chrono>
#include <thread>
#include <utility>

namespace fair::cluster {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds between_looks = 1s, between_words = 30s, without_answer = 5min, to_stop = 150s;

/// What a person wants to know of a job that is not done.
std::string words_of(const std::string& job, const JobState& now) {
  std::string out = "job " + job + " is " + name(now.phase);
  if (now.failures > 0) out += ", " + std::to_string(now.failures) + " failures so far";
  for (const PodState& pod : now.each) {
    if (pod.phase != "Succeeded") out += "; pod " + std::to_string(pod.index) + " " + pod.phase + (pod.why.empty() ? "" : ", " + pod.why);
  }
  return out;
}

/// Pods that nobody could begin yet.
bool stands_still(const JobState& now) {
  for (const PodState& pod : now.each) {
    if (pod.phase == "Running") return false;
  }
  return true;
}

Result<> stop(const Jobs& jobs, const std::string& job, const std::function<void(const std::string&)>& say) {
  FAIR_TRY(jobs.cancel(job));
  const auto start = Clock::now();
  auto spoken = start;
  for (;;) {
    const auto left = jobs.pods_left(job);
    if ((left && *left == 0) || Clock::now() - start > to_stop) break;
    if (Clock::now() - spoken > between_words) {
      spoken = Clock::now();
      say("waits for the pods of job " + job + " to end");
    }
    std::this_thread::sleep_for(between_looks);
  }
  return fail(Code::cancelled, "job " + job, "to run to its end", "a request to stop");
}

}  // namespace

Result<std::string> begin_or_join(const Jobs& jobs, const StoredJob& work, const JobPlan& plan, const std::function<void(const std::string&)>& say) {
  FAIR_TRY_ASSIGN(std::string before, work.job());
  if (!before.empty()) {
    FAIR_TRY_ASSIGN(const bool at_work, jobs.at_work(before));
    if (at_work) {
      say("job " + before + " was left behind; goes on with it, files in " + work.place());
      return before;
    }
  }
  FAIR_TRY(work.assign(plan.name));
  FAIR_TRY(jobs.begin(plan));
  say("job " + plan.name + " at " + jobs.server().url() + ", " + std::to_string(plan.pods) + " pods, files in " + work.place());
  return plan.name;
}

Result<> wait_for(const Jobs& jobs, const std::string& job, const JobWatch& watch) {
  const auto say = [&](const std::string& line) {
    if (watch.say) watch.say(line);
  };
  auto answered = Clock::now(), spoken = answered;
  int failures = 0;
  for (;;) {
    if (watch.stop != nullptr && watch.stop->load()) return stop(jobs, job, say);
    const auto now = jobs.state(job);
    if (watch.on_look) watch.on_look();
    if (!now) {
      if (now.error().code != Code::io) return fail(now.error());
      if (Clock::now() - answered > without_answer) {
        Error lost = now.error();
        lost.hint = "job " + job + " may go on without this program; --resume with the run that it was begun for finds it again";
        return fail(std::move(lost));
      }
      if (Clock::now() - spoken > between_words) {
        spoken = Clock::now();
        say("waits for the cluster: " + now.error().message());
      }
    } else {
      answered = Clock::now();
      if (now->phase == JobPhase::succeeded) return {};
      if (now->phase == JobPhase::failed)
        return fail(Code::io, "job " + job, "to run to its end", now->why, "fair jobs log " + job + " shows what its pods said");
      if (now->failures != failures || (stands_still(*now) && answered - spoken > between_words)) {
        failures = now->failures;
        spoken = answered;
        say(words_of(job, *now));
      }
    }
    std::this_thread::sleep_for(between_looks);
  }
}

}  // namespace fair::cluster
