#include "native/runs/database.h"

#include <sqlite3.h>
#include <unistd.h>

#include <cstdio>

namespace fair::runs {
namespace {

tl::unexpected<Error> failed(sqlite3* database, const std::string& expected) {
  const char* file = sqlite3_db_filename(database, "main");
  const int code = sqlite3_errcode(database);
  const std::string hint = code == SQLITE_BUSY       ? "another program is writing; try again when it is done"
                           : code == SQLITE_READONLY ? "make the workspace writable, or name another with --workspace"
                           : code == SQLITE_FULL     ? "free disk space and try again"
                           : code == SQLITE_NOTADB   ? "this is no run store; move it away or name another workspace"
                                                     : "";
  return fail(code == SQLITE_BUSY ? Code::conflict : Code::io, file != nullptr && *file != '\0' ? file : "runs.sqlite", expected,
              sqlite3_errmsg(database), hint);
}

/// A database nobody here may write, nor the folder in which SQLite would keep its log beside it.
bool is_frozen(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  return ::access(path.c_str(), R_OK) == 0 && (::access(path.c_str(), W_OK) != 0 || ::access(folder.c_str(), W_OK) != 0);
}

/// Without a log beside it such a file is all there is, and SQLite may be told that nothing changes it: else it would want to make one.
std::string frozen_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    char escaped[4];
    std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    uri += c == '?' || c == '#' || c == '%' ? std::string(escaped) : std::string(1, c);
  }
  return uri + (::access((path + "-wal").c_str(), F_OK) == 0 ? "?mode=ro" : "?immutable=1");
}

}  // namespace

Statement::Statement(sqlite3* database, const std::string& sql) : database_(database) {
  sqlite3_prepare_v2(database, sql.c_str(), -1, &statement_, nullptr);
}
Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(const std::string& text) {
  if (statement_ != nullptr) sqlite3_bind_text(statement_, next_++, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  return *this;
}
Statement& Statement::bind(std::int64_t number) {
  if (statement_ != nullptr) sqlite3_bind_int64(statement_, next_++, number);
  return *this;
}

Result<bool> Statement::step() {
  if (statement_ == nullptr) return failed(database_, "a statement it understands");
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failed(database_, "to read or write the run store");
}

Result<> Statement::run() {
  FAIR_TRY(step());
  return {};
}

std::string Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return data == nullptr ? std::string() : std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}
std::int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_, column); }

Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const bool frozen = is_frozen(path);
  const int how = frozen ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (sqlite3_open_v2((frozen ? frozen_uri(path) : path).c_str(), &handle, how | SQLITE_OPEN_FULLMUTEX, nullptr) != SQLITE_OK) {
    const std::string found = handle != nullptr ? sqlite3_errmsg(handle) : "no memory";
    sqlite3_close(handle);
    return fail(Code::io, path, "a file that can be opened or made", found,
                "check the folder's permissions, or name another workspace with --workspace");
  }
  sqlite3_busy_timeout(handle, 5000);
  return std::unique_ptr<Database>(new Database(handle));
}
Database::~Database() { sqlite3_close(handle_); }

Result<> Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failed(handle_, "to read or write the run store");
  return {};
}
int Database::changes() const { return sqlite3_changes(handle_); }

Result<std::unique_ptr<Transaction>> Transaction::begin(Database& database) {
  FAIR_TRY(database.execute("BEGIN IMMEDIATE"));
  return std::unique_ptr<Transaction>(new Transaction(database));
}
Transaction::~Transaction() {
  if (open_) (void)database_.execute("ROLLBACK");
}
Result<> Transaction::commit() {
  FAIR_TRY(database_.execute("COMMIT"));
  open_ = false;
  return {};
}

}  // namespace fair::runs
