#include "native/versions/sqlite_versions.h"

#include <random>
#include <utility>

#include "native/runs/clock.h"
#include "native/runs/database.h"
#include "native/runs/layout.h"

namespace fair::versions {
namespace {

using runs::Statement;
using runs::Transaction;

Json json_of(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json::object() : json;
}

std::string new_uuid() {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  std::string text;
  while (text.size() < 32) text += "0123456789abcdef"[random() & 15U];
  text[12] = '4';
  text[16] = "89ab"[static_cast<std::size_t>(text[16]) & 3U];
  return text.substr(0, 8) + "-" + text.substr(8, 4) + "-" + text.substr(12, 4) + "-" + text.substr(16, 4) + "-" + text.substr(20);
}

class SqliteVersions final : public VersionStore {
 public:
  SqliteVersions(std::unique_ptr<runs::Database> database, std::string path) : database_(std::move(database)), path_(std::move(path)) {}

  Result<ModelVersion> add(const NewVersion& added) override {
    FAIR_TRY_ASSIGN(auto transaction, Transaction::begin(*database_));
    auto there = database_->prepare(std::string(columns) + " WHERE model=? AND run=?");
    there.bind(added.model).bind(added.run_id);
    FAIR_TRY_ASSIGN(const bool known, there.step());
    if (known) return read(there);
    // A counter of its own: the number of a deleted version is never given again.
    FAIR_TRY(
        database_->prepare("INSERT INTO counter(model, last) VALUES(?, 1) ON CONFLICT(model) DO UPDATE SET last = last + 1").bind(added.model).run());
    auto last = database_->prepare("SELECT last FROM counter WHERE model=?");
    last.bind(added.model);
    FAIR_TRY(last.step());
    const ModelVersion version{
        added.model, static_cast<int>(last.number(0)), new_uuid(), added.run_id, Stage::none, runs::utc_now(), added.metadata, added.artifacts};
    FAIR_TRY(database_->prepare("INSERT INTO version(model, number, uuid, run, stage, created_at, metadata, artifacts) VALUES(?,?,?,?,'none',?,?,?)")
                 .bind(version.model)
                 .bind(std::int64_t{version.number})
                 .bind(version.uuid)
                 .bind(version.run_id)
                 .bind(version.created_at)
                 .bind(version.metadata.dump())
                 .bind(version.artifacts.dump())
                 .run());
    FAIR_TRY(transaction->commit());
    return version;
  }

  Result<std::vector<ModelVersion>> versions(const std::string& model) override {
    std::vector<ModelVersion> all;
    auto query = database_->prepare(std::string(columns) + " WHERE ?1 = '' OR model = ?1 ORDER BY model, number");
    query.bind(model);
    for (;;) {
      FAIR_TRY_ASSIGN(const bool more, query.step());
      if (!more) return all;
      all.push_back(read(query));
    }
  }

  Result<> set_stage(const std::string& model, int number, Stage stage) override {
    FAIR_TRY_ASSIGN(auto transaction, Transaction::begin(*database_));
    if (stage == Stage::production) {
      FAIR_TRY(database_->prepare("UPDATE version SET stage='archived' WHERE model=? AND stage='production' AND number<>?")
                   .bind(model)
                   .bind(std::int64_t{number})
                   .run());
    }
    FAIR_TRY(changed(
        database_->prepare("UPDATE version SET stage=? WHERE model=? AND number=?").bind(word(stage)).bind(model).bind(std::int64_t{number}).run(),
        model, number));
    return transaction->commit();
  }

  Result<> remove(const std::string& model, int number) override {
    return changed(database_->prepare("DELETE FROM version WHERE model=? AND number=?").bind(model).bind(std::int64_t{number}).run(), model, number);
  }

  Result<> remove_model(const std::string& model) override { return database_->prepare("DELETE FROM version WHERE model=?").bind(model).run(); }

  [[nodiscard]] std::string name() const override { return path_; }

 private:
  static constexpr const char* columns = "SELECT model, number, uuid, run, stage, created_at, metadata, artifacts FROM version";

  static ModelVersion read(const Statement& row) {
    return {row.text(0),         static_cast<int>(row.number(1)), row.text(2), row.text(3), stage_of(row.text(4)), row.text(5), json_of(row.text(6)),
            json_of(row.text(7))};
  }
  Result<> changed(Result<> outcome, const std::string& model, int number) {
    FAIR_TRY(std::move(outcome));
    if (database_->changes() == 0)
      return fail(Code::not_found, model + " version " + std::to_string(number), "to be in this workspace", "no such version",
                  "see fair list versions");
    return {};
  }

  std::unique_ptr<runs::Database> database_;
  std::string path_;
};

}  // namespace

Result<std::unique_ptr<VersionStore>> open_sqlite(const std::string& path) {
  FAIR_TRY_ASSIGN(auto database, runs::Database::open(path));
  FAIR_TRY(runs::prepare_layout(*database, path));
  return std::unique_ptr<VersionStore>(std::make_unique<SqliteVersions>(std::move(database), path));
}

}  // namespace fair::versions
