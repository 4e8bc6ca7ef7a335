#include "native/serve/job_service.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <regex>
#include <utility>

#include "native/io/program.h"
#include "native/runs/run_store.h"
#include "native/serve/answers.h"
#include "native/serve/body.h"
#include "native/serve/static_files.h"

namespace fair::serve {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t longest_note = 500;

Json shown(const Job& job) {
  const std::string here = "/jobs/" + job.id;
  Json out{{"id", job.id},
           {"kind", job.kind},
           {"status", name(job.status)},
           {"description", job.description},
           {"request", job.request},
           {"progress", {{"done", job.done}, {"total", job.total}, {"note", job.note}}},
           {"attempts", job.attempts},
           {"created_at", job.created_at}};
  const auto moment = [&out](const char* key, const std::string& at) { out[key] = at.empty() ? Json(nullptr) : Json(at); };
  moment("started_at", job.started_at);
  moment("ended_at", job.ended_at);
  out["result"] = job.result;
  out["error"] = job.error;
  out["links"] = {{"self", here}};
  if (job.status == JobStatus::done) out["links"]["result"] = here + "/result";
  return out;
}

/// Compares in a time that does not tell how much of it was right.
bool bears(const Request& request, const std::string& token) {
  const std::string given = request.header("authorization");
  constexpr std::string_view scheme = "bearer ";
  if (given.size() != scheme.size() + token.size()) return false;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    if ((given[i] | 0x20) != (scheme[i] | 0x20)) return false;
  }
  return CRYPTO_memcmp(given.data() + scheme.size(), token.data(), token.size()) == 0;
}

Answer refuse(int status, const std::string& sentence) { return json_answer(status, {{"error", sentence}}); }

}  // namespace

Result<std::unique_ptr<JobService>> JobService::open(JobOptions options) {
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error) return fail(Code::io, options.folder.string(), "a folder for jobs", error.message(), "check permissions and free space");
  FAIR_TRY_ASSIGN(auto store, JobStore::open((options.folder / "jobs.sqlite").string()));
  std::unique_ptr<JobService> out(new JobService(std::move(options), std::move(store)));
  JobService* service = out.get();
  for (int i = 0; i < std::max(1, service->options_.at_once); ++i) service->threads_.emplace_back([service] { service->work(); });
  return out;
}

JobService::~JobService() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    for (const auto& [id, running] : running_) running->stop = true;
  }
  wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void JobService::work() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      if (closing_) return;
      auto taken = store_->take();
      const bool readable = taken.has_value();
      std::optional<Job> next = readable ? std::move(*taken) : std::nullopt;
      if (!next) {
        // A store that cannot be read now (a full disk) is asked again.
        wanted_.wait_for(lock, std::chrono::seconds(readable ? 3600 : 5));
        continue;
      }
      job = std::move(*next);
      running_[job.id] = std::make_shared<Running>();
    }
    run(job);
    const std::lock_guard lock(mutex_);
    running_.erase(job.id);
  }
}

Result<std::vector<std::string>> JobService::words_for(const Job& job, const fs::path& folder) const {
  JobRequest request{job.kind, job.description, job.request};
  FAIR_TRY_ASSIGN(auto words, request.words(options_.around, folder));
  if (job.kind != "finetune" || job.attempts >= options_.attempts) return words;
  // Begun before: it goes on from its last checkpoint. What cannot is trained anew at the last attempt.
  const std::string path = options_.around.workspace + "/runs.sqlite";
  FAIR_TRY_ASSIGN(const auto runs, runs::open_sqlite(path));
  FAIR_TRY_ASSIGN(const auto all, runs->runs());
  for (const runs::Run& run : all) {
    if (run.kind != "training" || run.name != job.request.value("model_name", "") || run.started_at < job.started_at) continue;
    if (run.status != runs::Status::stopped) break;
    std::vector<std::string> out(words.begin(), std::find(words.begin(), words.end(), "finetune"));
    out.insert(out.end(), {"finetune", "--resume=" + run.id});
    return out;
  }
  return words;
}

void JobService::run(const Job& job) {
  std::shared_ptr<Running> mine;
  {
    const std::lock_guard lock(mutex_);
    mine = running_[job.id];
  }
  const auto fails = [&](const Json& error) { (void)store_->end(job.id, JobStatus::failed, nullptr, error); };
  if (job.attempts > options_.attempts) return fails({{"error", "its server ended " + std::to_string(options_.attempts) + " times while it ran"}});
  const fs::path folder = folder_of(job.id);
  std::error_code error;
  fs::create_directories(folder, error);
  auto words = words_for(job, folder);
  if (!words) return fails({{"error", words.error().message()}});
  static const std::regex counted(R"((\d+)/(\d+) (?:windows|steps))");
  const auto heard = [&](const std::string& line) {
    std::smatch match;
    const bool counts = std::regex_search(line, match, counted);
    (void)store_->tell(job.id, counts ? std::stoll(match[1]) : job.done, counts ? std::stoll(match[2]) : job.total, line.substr(0, longest_note));
  };
  words->insert(words->begin(), options_.program);
  const io::ProgramRun how{
      .folder = folder.string(), .seconds = 0, .stop = &mine->stop, .patience_seconds = options_.patience_seconds, .on_line = heard};
  const io::ProgramOutcome outcome = io::run_program(*words, how);
  if (mine->cancelled) return (void)store_->end(job.id, JobStatus::cancelled, nullptr, nullptr);
  Json said = json_from(outcome.out).value_or(Json());
  if (said.is_object()) said.erase("file");  // it is asked for by its link
  // 3 is a verdict: what does not fit is an answer, too.
  if (outcome.status == 0 || outcome.status == 3) return (void)store_->end(job.id, JobStatus::done, said, nullptr);
  bool closing = false;
  {
    const std::lock_guard lock(mutex_);
    closing = closing_;
  }
  if (closing) return (void)store_->put_back(job.id);
  if (said.is_object() && said.contains("error") && said["error"].is_object()) {
    Json told = said["error"];
    const Error parts{Code::internal, told.value("thing", ""), told.value("expected", ""), told.value("found", ""), told.value("hint", "")};
    told["error"] = parts.message();
    return fails(told);
  }
  std::string last = outcome.err.substr(0, outcome.err.find_last_not_of('\n') + 1);
  last = last.substr(last.find_last_of('\n') + 1).substr(0, longest_note);
  fails({{"error", outcome.signal != 0 ? "its program was ended by signal " + std::to_string(outcome.signal)
                   : last.empty()      ? "its program failed"
                                       : last}});
}

Answer JobService::create(const Request& request) {
  auto body = json_body(request);
  if (!body) return std::move(body).error();
  const auto wanted = JobRequest::from_json(*body);
  if (!wanted) return error_answer(wanted.error());
  const auto waiting = store_->waiting();
  if (!waiting) return error_answer(500, waiting.error());
  if (*waiting >= options_.waiting) {
    Answer answer = refuse(429, "too many jobs wait already; try again later");
    answer.headers["Retry-After"] = "60";
    return answer;
  }
  const auto job = store_->add(wanted->kind, wanted->description, wanted->body);
  if (!job) return error_answer(500, job.error());
  { const std::lock_guard lock(mutex_); }
  wanted_.notify_one();
  Answer answer = json_answer(202, shown(*job));
  answer.headers["Location"] = "/jobs/" + job->id;
  return answer;
}

Answer JobService::show(const std::string& id) {
  const auto job = store_->find(id);
  if (job) return json_answer(200, shown(*job));
  return error_answer(job.error().code == Code::not_found ? 404 : 500, job.error());
}

Answer JobService::list(const Request& request) {
  std::optional<JobStatus> status;
  if (const auto asked = request.query.find("status"); asked != request.query.end()) {
    status = job_status_from(asked->second);
    if (!status) return refuse(400, "status: queued, running, done, failed or cancelled");
  }
  std::int64_t most = 100;
  if (const auto asked = request.query.find("limit"); asked != request.query.end()) {
    const auto number = json_from(asked->second);
    if (!number || !number->is_number_integer() || *number < 1 || *number > 1000) return refuse(400, "limit: a whole number from 1 to 1000");
    most = number->get<std::int64_t>();
  }
  const auto jobs = store_->list(status, most);
  if (!jobs) return error_answer(500, jobs.error());
  Json out = Json::array();
  for (const Job& job : *jobs) out.push_back(shown(job));
  return json_answer(200, {{"jobs", out}});
}

Answer JobService::result(const std::string& id) {
  const auto job = store_->find(id);
  if (!job) return error_answer(job.error().code == Code::not_found ? 404 : 500, job.error());
  if (job->status != JobStatus::done) return refuse(409, std::string("the job is ") + name(job->status) + ": it has no result");
  if (job->kind != "predict") return json_answer(200, job->result);
  Request asked;
  asked.method = "GET";
  asked.path = "/result.geojson";
  return answer_file({{"/", folder_of(job->id)}}, asked);
}

Answer JobService::cancel(const std::string& id, bool remove) {
  const auto job = store_->find(id);
  if (!job) return error_answer(job.error().code == Code::not_found ? 404 : 500, job.error());
  if (job->ended()) {
    if (!remove) return refuse(409, std::string("the job is ") + name(job->status) + " already");
    if (const auto removed = store_->remove(id); !removed) return error_answer(500, removed.error());
    std::error_code ignored;
    fs::remove_all(folder_of(job->id), ignored);
    return {204, "", "", {}, {}};
  }
  const auto waited = store_->cancel_waiting(id);
  if (!waited) return error_answer(500, waited.error());
  if (!*waited) {
    const std::lock_guard lock(mutex_);
    if (const auto found = running_.find(id); found != running_.end()) {
      found->second->cancelled = true;
      found->second->stop = true;
    }
  }
  Answer answer = show(id);
  if (answer.status == 200) answer.status = 202;
  return answer;
}

void JobService::add_routes(Router& router) {
  const auto add = [&](const char* method, const char* pattern, auto answer) {
    router.add(method, pattern, [this, answer](const std::shared_ptr<Exchange>& exchange, const PathValues& values) {
      if (!bears(exchange->request(), options_.token)) {
        Answer refused = refuse(401, "jobs want a bearer token: Authorization: Bearer …");
        refused.headers["WWW-Authenticate"] = "Bearer";
        return exchange->answer(std::move(refused));
      }
      exchange->answer(answer(exchange->request(), values));
    });
  };
  add("POST", "/jobs", [this](const Request& request, const PathValues&) { return create(request); });
  add("GET", "/jobs", [this](const Request& request, const PathValues&) { return list(request); });
  add("GET", "/jobs/{id}", [this](const Request&, const PathValues& values) { return show(values.at("id")); });
  add("DELETE", "/jobs/{id}", [this](const Request&, const PathValues& values) { return cancel(values.at("id"), true); });
  add("POST", "/jobs/{id}/cancel", [this](const Request&, const PathValues& values) { return cancel(values.at("id"), false); });
  add("GET", "/jobs/{id}/result", [this](const Request&, const PathValues& values) { return result(values.at("id")); });
}

}  // namespace fair::serve
