#include "native/serve/job_store.h"

#include <array>
#include <utility>

#include "native/runs/clock.h"
#include "native/serve/answers.h"
#include "native/serve/request_line.h"

namespace fair::serve {
namespace {

constexpr std::array<std::pair<JobStatus, const char*>, 5> statuses{{{JobStatus::queued, "queued"},
                                                                     {JobStatus::running, "running"},
                                                                     {JobStatus::done, "done"},
                                                                     {JobStatus::failed, "failed"},
                                                                     {JobStatus::cancelled, "cancelled"}}};

constexpr const char* columns =
    "id, kind, description, request, status, done, total, note, result, error, attempts, created_at, started_at, ended_at";

std::string text_of(const Json& document) { return document.is_null() ? "" : line_of(document); }

Json document_of(const std::string& text) { return text.empty() ? Json() : json_from(text).value_or(Json()); }

}  // namespace

const char* name(JobStatus status) {
  for (const auto& [known, text] : statuses) {
    if (known == status) return text;
  }
  return "";
}

std::optional<JobStatus> job_status_from(const std::string& text) {
  for (const auto& [status, known] : statuses) {
    if (text == known) return status;
  }
  return std::nullopt;
}

Result<std::unique_ptr<JobStore>> JobStore::open(const std::string& path) {
  FAIR_TRY_ASSIGN(auto database, runs::Database::open(path));
  FAIR_TRY(
      database->execute("CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, kind TEXT NOT NULL, description TEXT NOT NULL, request TEXT NOT NULL,"
                        " status TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '',"
                        " result TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0,"
                        " created_at TEXT NOT NULL, started_at TEXT NOT NULL DEFAULT '', ended_at TEXT NOT NULL DEFAULT '')"));
  FAIR_TRY(database->execute("UPDATE jobs SET status = 'queued' WHERE status = 'running'"));
  return std::unique_ptr<JobStore>(new JobStore(std::move(database)));
}

Result<std::vector<Job>> JobStore::read(runs::Statement& statement) {
  std::vector<Job> out;
  for (;;) {
    FAIR_TRY_ASSIGN(const bool row, statement.step());
    if (!row) return out;
    Job job;
    job.id = statement.text(0), job.kind = statement.text(1), job.description = statement.text(2);
    job.request = document_of(statement.text(3));
    job.status = job_status_from(statement.text(4)).value_or(JobStatus::failed);
    job.done = statement.number(5), job.total = statement.number(6), job.note = statement.text(7);
    job.result = document_of(statement.text(8)), job.error = document_of(statement.text(9));
    job.attempts = statement.number(10);
    job.created_at = statement.text(11), job.started_at = statement.text(12), job.ended_at = statement.text(13);
    out.push_back(std::move(job));
  }
}

Result<Job> JobStore::add(const std::string& kind, const std::string& description, const Json& request) {
  Job job;
  job.created_at = runs::utc_now();
  for (const char c : job.created_at.substr(0, 19)) {
    if (c >= '0' && c <= '9') job.id += c;
  }
  job.id += "-" + made_up_id().substr(0, 8);
  job.kind = kind, job.description = description, job.request = request;
  const std::lock_guard lock(mutex_);
  auto statement = database_->prepare("INSERT INTO jobs (id, kind, description, request, status, created_at) VALUES (?, ?, ?, ?, 'queued', ?)");
  FAIR_TRY(statement.bind(job.id).bind(kind).bind(description).bind(line_of(request)).bind(job.created_at).run());
  return job;
}

Result<Job> JobStore::find(const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto statement = database_->prepare(std::string("SELECT ") + columns + " FROM jobs WHERE id = ?");
  FAIR_TRY_ASSIGN(auto found, read(statement.bind(id)));
  if (found.empty()) return fail(Code::not_found, "job " + id.substr(0, 64), "a job of this server", "no such job", "see GET /jobs");
  return std::move(found.front());
}

Result<std::vector<Job>> JobStore::list(std::optional<JobStatus> status, std::int64_t most) {
  const std::lock_guard lock(mutex_);
  auto statement =
      database_->prepare(std::string("SELECT ") + columns + " FROM jobs WHERE ? IN ('', status) ORDER BY created_at DESC, id DESC LIMIT ?");
  return read(statement.bind(status ? name(*status) : "").bind(most));
}

Result<std::int64_t> JobStore::waiting() {
  const std::lock_guard lock(mutex_);
  auto statement = database_->prepare("SELECT count(*) FROM jobs WHERE status = 'queued'");
  FAIR_TRY(statement.step());
  return statement.number(0);
}

Result<std::optional<Job>> JobStore::take() {
  const std::lock_guard lock(mutex_);
  std::vector<Job> found;
  {
    auto statement = database_->prepare(std::string("SELECT ") + columns + " FROM jobs WHERE status = 'queued' ORDER BY created_at, id LIMIT 1");
    FAIR_TRY_ASSIGN(found, read(statement));
  }
  if (found.empty()) return std::optional<Job>();
  Job& job = found.front();
  job.status = JobStatus::running;
  ++job.attempts;
  const std::string now = runs::utc_now();
  if (job.started_at.empty()) job.started_at = now;
  auto statement = database_->prepare("UPDATE jobs SET status = 'running', attempts = ?, started_at = ? WHERE id = ?");
  FAIR_TRY(statement.bind(job.attempts).bind(job.started_at).bind(job.id).run());
  return std::optional(std::move(job));
}

Result<> JobStore::tell(const std::string& id, std::int64_t done, std::int64_t total, const std::string& note) {
  const std::lock_guard lock(mutex_);
  auto statement = database_->prepare("UPDATE jobs SET done = ?, total = ?, note = ? WHERE id = ?");
  return statement.bind(done).bind(total).bind(note).bind(id).run();
}

Result<> JobStore::end(const std::string& id, JobStatus status, const Json& result, const Json& error) {
  const std::lock_guard lock(mutex_);
  auto statement = database_->prepare("UPDATE jobs SET status = ?, result = ?, error = ?, ended_at = ? WHERE id = ?");
  return statement.bind(name(status)).bind(text_of(result)).bind(text_of(error)).bind(runs::utc_now()).bind(id).run();
}

Result<> JobStore::put_back(const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto statement = database_->prepare("UPDATE jobs SET status = 'queued', attempts = attempts - 1 WHERE id = ? AND status = 'running'");
  return statement.bind(id).run();
}

Result<bool> JobStore::cancel_waiting(const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto statement = database_->prepare("UPDATE jobs SET status = 'cancelled', ended_at = ? WHERE id = ? AND status = 'queued'");
  FAIR_TRY(statement.bind(runs::utc_now()).bind(id).run());
  return database_->changes() > 0;
}

Result<> JobStore::remove(const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto statement = database_->prepare("DELETE FROM jobs WHERE id = ?");
  return statement.bind(id).run();
}

}  // namespace fair::serve
