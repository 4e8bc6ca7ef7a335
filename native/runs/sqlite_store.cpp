#include <array>
#include <random>
#include <utility>

#include "native/runs/clock.h"
#include "native/runs/database.h"
#include "native/runs/layout.h"
#include "native/runs/process.h"
#include "native/runs/run_store.h"

namespace fair::runs {
namespace {

constexpr std::array<const char*, 4> statuses{"running", "completed", "failed", "stopped"};

Status status_of(const std::string& text) {
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    if (text == statuses[i]) return static_cast<Status>(i);
  }
  return Status::running;
}

Json json_of(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json::object() : json;
}

std::string hex(int digits) {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  std::string text;
  while (static_cast<int>(text.size()) < digits) text += "0123456789abcdef"[random() & 15U];
  return text;
}

class SqliteStore final : public RunStore {
 public:
  explicit SqliteStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  Result<std::string> start(const std::string& kind, const std::string& name, const Json& config) override {
    const std::string now = utc_now();
    std::string second;  // sorts by time: 20260115-101530-3f9a
    for (const char c : now.substr(0, 19)) {
      if (c == 'T') second += '-';
      else if (c != '-' && c != ':') second += c;
    }
    for (;;) {  // until it is nobody else's of the same second
      const std::string id = second + "-" + hex(4);
      FAIR_TRY(database_->prepare("INSERT OR IGNORE INTO run(id, kind, name, status, started_at, config, process) VALUES(?,?,?,'running',?,?,?)")
                   .bind(id)
                   .bind(kind)
                   .bind(name)
                   .bind(now)
                   .bind(config.dump())
                   .bind(this_process().dump())
                   .run());
      if (database_->changes() > 0) return id;
    }
  }

  Result<> start_step(const std::string& run, const std::string& step, const Json& parameters) override {
    return database_
        ->prepare(
            "INSERT INTO step(run, name, status, started_at, parameters) VALUES(?,?,'running',?,?) "
            "ON CONFLICT(run, name) DO UPDATE SET status='running', started_at=excluded.started_at, ended_at='', parameters=excluded.parameters")
        .bind(run)
        .bind(step)
        .bind(utc_now())
        .bind(parameters.dump())
        .run();
  }

  Result<> end_step(const std::string& run, const std::string& step, Status status, const Json& artifacts) override {
    return changed(database_->prepare("UPDATE step SET status=?, ended_at=?, artifacts=? WHERE run=? AND name=?")
                       .bind(statuses[static_cast<std::size_t>(status)])
                       .bind(utc_now())
                       .bind(artifacts.dump())
                       .bind(run)
                       .bind(step)
                       .run(),
                   "step " + step + " of run " + run);
  }

  Result<> log(const std::string& run, const std::string& line) override {
    return database_->prepare("INSERT INTO line(run, at, text) VALUES(?,?,?)").bind(run).bind(utc_now()).bind(line).run();
  }

  Result<> set_metadata(const std::string& id, const Json& metadata) override {
    FAIR_TRY_ASSIGN(auto transaction, Transaction::begin(*database_));
    auto query = database_->prepare("SELECT metadata FROM run WHERE id=?");
    query.bind(id);
    FAIR_TRY_ASSIGN(const bool found, query.step());
    if (!found) return no_run(id);
    Json merged = json_of(query.text(0));
    merged.update(metadata);
    FAIR_TRY(database_->prepare("UPDATE run SET metadata=? WHERE id=?").bind(merged.dump()).bind(id).run());
    return transaction->commit();
  }

  Result<> end(const std::string& run, Status status, const std::string& error) override {
    FAIR_TRY_ASSIGN(auto transaction, Transaction::begin(*database_));
    const std::string word = statuses[static_cast<std::size_t>(status)];
    const std::string now = utc_now();
    FAIR_TRY(database_->prepare("UPDATE step SET status=?, ended_at=? WHERE run=? AND status='running'").bind(word).bind(now).bind(run).run());
    FAIR_TRY(changed(database_->prepare("UPDATE run SET status=?, ended_at=?, error=? WHERE id=?").bind(word).bind(now).bind(error).bind(run).run(),
                     "run " + run));
    return transaction->commit();
  }

  Result<Run> run(const std::string& id) override {
    auto query = database_->prepare(std::string(run_columns) + " WHERE id=?");
    query.bind(id);
    FAIR_TRY_ASSIGN(const bool found, query.step());
    if (!found) return no_run(id);
    Run run = read_run(query);
    auto steps = database_->prepare("SELECT name, status, started_at, ended_at, parameters, artifacts FROM step WHERE run=? ORDER BY rowid");
    steps.bind(id);
    for (;;) {
      FAIR_TRY_ASSIGN(const bool more, steps.step());
      if (!more) break;
      run.steps.push_back({steps.text(0), status_of(steps.text(1)), steps.text(2), steps.text(3), json_of(steps.text(4)), json_of(steps.text(5))});
      if (run.status == Status::failed && run.steps.back().status == Status::running) run.steps.back().status = Status::failed;
    }
    return run;
  }

  Result<std::vector<Run>> runs() override {
    std::vector<Run> all;
    auto query = database_->prepare(std::string(run_columns) + " ORDER BY started_at DESC, rowid DESC");
    for (;;) {
      FAIR_TRY_ASSIGN(const bool more, query.step());
      if (!more) return all;
      all.push_back(read_run(query));
    }
  }

  Result<std::vector<std::string>> log_lines(const std::string& run) override {
    std::vector<std::string> lines;
    auto query = database_->prepare("SELECT text FROM line WHERE run=? ORDER BY rowid");
    query.bind(run);
    for (;;) {
      FAIR_TRY_ASSIGN(const bool more, query.step());
      if (!more) return lines;
      lines.push_back(query.text(0));
    }
  }

 private:
  static constexpr const char* run_columns = "SELECT id, kind, name, status, started_at, ended_at, error, config, metadata, process FROM run";

  static tl::unexpected<Error> no_run(const std::string& id) {
    return fail(Code::not_found, "run " + id, "a run of this workspace", "no such run", "see fair runs list");
  }
  /// Nobody is left to say how the run of a killed program ended.
  static Run read_run(const Statement& row) {
    Run run{row.text(0), row.text(1), row.text(2),          status_of(row.text(3)), row.text(4),
            row.text(5), row.text(6), json_of(row.text(7)), json_of(row.text(8)),   {}};
    const Json process = json_of(row.text(9));
    if (run.status == Status::running && seems_to_have_ended(process)) {
      run.status = Status::failed;
      run.error = "its program (" + shown(process) + ") ended without a word: it was killed, or the machine went down";
    }
    return run;
  }
  Result<> changed(Result<> outcome, const std::string& thing) {
    FAIR_TRY(std::move(outcome));
    if (database_->changes() == 0) return fail(Code::not_found, thing, "to be in this workspace", "no such thing", "see fair runs list");
    return {};
  }

  std::unique_ptr<Database> database_;
};

}  // namespace

Result<std::unique_ptr<RunStore>> open_sqlite(const std::string& path) {
  FAIR_TRY_ASSIGN(auto database, Database::open(path));
  FAIR_TRY(prepare_layout(*database, path));
  return std::unique_ptr<RunStore>(std::make_unique<SqliteStore>(std::move(database)));
}

}  // namespace fair::runs
