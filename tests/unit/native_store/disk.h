// A disk in memory that can fail or lose its power at any operation, and then forgets what was not synced.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "native/store/files.h"

namespace fair::test {

/// What a disk may do at its k-th write, rename, removal, new folder or sync.
enum class Fault {
  error,       ///< that operation fails, the next ones work (a full disk, a damaged sector)
  dead,        ///< that operation and all later ones fail (the disk went away)
  torn_write,  ///< like dead, but a write leaves half of its bytes
};

class Disk final : public store::Files {
 public:
  /// Operations that change something, counted from 1; the `at`-th has `fault`. 0: none.
  void arm(int at, Fault fault) { counted = 0, at_ = at, fault_ = fault, dead_ = false; }
  /// The power comes back: only what was synced is there, or everything that was written where `lucky`.
  void power_cut(bool lucky) {
    dead_ = false, at_ = 0;
    if (lucky) return;
    names_.clear();
    for (const auto& [path, file] : durable_) {
      if (folder_survives(path)) names_.emplace(path, file);
    }
    folders_ = durable_folders_;
    for (auto& [path, file] : names_) file->text = file->synced;
    durable_ = names_;
  }
  /// Another disk that holds the same.
  [[nodiscard]] std::unique_ptr<Disk> copy() const {
    auto other = std::make_unique<Disk>(*this);
    std::map<const File*, std::shared_ptr<File>> copies;  // a file under a synced and an unsynced name is one file
    for (auto* names : {&other->names_, &other->durable_}) {
      for (auto& [path, file] : *names) {
        auto& fresh = copies[file.get()];
        if (!fresh) fresh = std::make_shared<File>(*file);
        file = fresh;
      }
    }
    return other;
  }
  int counted = 0;

  bool exists(const std::string& path) override { return names_.count(path) != 0 || folders_.count(path) != 0; }
  Result<std::string> read(const std::string& path) override {
    const auto found = names_.find(path);
    if (found == names_.end()) return fail(Code::not_found, path, "a file", "none");
    return found->second->text;
  }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::set<std::string> out;
    const auto add = [&](const std::string& path) {
      if (path.size() <= folder.size() + 1 || path.compare(0, folder.size() + 1, folder + "/") != 0) return;
      const std::string rest = path.substr(folder.size() + 1);
      out.insert(rest.substr(0, rest.find('/')));
    };
    for (const auto& [path, file] : names_) add(path);
    for (const auto& path : folders_) add(path);
    return std::vector<std::string>(out.begin(), out.end());
  }
  Result<> make_folder(const std::string& path) override {
    if (folders_.count(path) != 0) return {};
    FAIR_TRY(step(path));
    folders_.insert(path);
    return {};
  }
  Result<> write(const std::string& path, const std::string& text) override {
    const bool torn = counted + 1 == at_ && fault_ == Fault::torn_write;
    const auto allowed = step(path);
    if (!allowed && !torn) return allowed;
    if (folders_.count(parent(path)) == 0) return fail(Code::not_found, path, "its folder", "none");
    auto& file = names_[path];
    if (!file) file = std::make_shared<File>();
    file->text = torn ? text.substr(0, text.size() / 2) : text;
    file->synced.clear();  // truncated in place: what was there is lost until the new bytes are synced
    return allowed;
  }
  Result<> sync(const std::string& path) override {
    FAIR_TRY(step(path));
    const auto found = names_.find(path);
    if (found == names_.end()) return fail(Code::not_found, path, "a file", "none");
    found->second->synced = found->second->text;
    return {};
  }
  Result<> rename(const std::string& from, const std::string& to) override {
    FAIR_TRY(step(to));
    const auto found = names_.find(from);
    if (found == names_.end()) return fail(Code::not_found, from, "a file", "none");
    const auto file = found->second;
    names_.erase(found);
    names_[to] = file;
    return {};
  }
  Result<> sync_folder(const std::string& path) override {
    FAIR_TRY(step(path));
    for (auto it = durable_.begin(); it != durable_.end();)
      it = parent(it->first) == path && names_.count(it->first) == 0 ? durable_.erase(it) : std::next(it);
    for (const auto& [name, file] : names_) {
      if (parent(name) == path) durable_[name] = file;
    }
    for (auto it = durable_folders_.begin(); it != durable_folders_.end();)
      it = parent(*it) == path && folders_.count(*it) == 0 ? durable_folders_.erase(it) : std::next(it);
    for (const auto& folder : folders_) {
      if (parent(folder) == path) durable_folders_.insert(folder);
    }
    return {};
  }
  Result<> remove(const std::string& path) override {
    if (!exists(path)) return {};
    FAIR_TRY(step(path));
    names_.erase(path);
    folders_.erase(path);
    return {};
  }
  /// The folder everything is under, as if it had always been there.
  void root(const std::string& path) { folders_.insert(path), durable_folders_.insert(path); }

 private:
  struct File {
    std::string text, synced;
  };
  static std::string parent(const std::string& path) { return path.substr(0, path.rfind('/')); }
  bool folder_survives(const std::string& path) const { return durable_folders_.count(parent(path)) != 0; }
  Result<> step(const std::string& path) {
    ++counted;
    if (counted == at_ && fault_ != Fault::error) dead_ = true;
    if (counted == at_ || dead_) return fail(Code::io, path, "to be written", "a fault made by the test");
    return {};
  }

  std::map<std::string, std::shared_ptr<File>> names_, durable_;
  std::set<std::string> folders_, durable_folders_;
  int at_ = 0;
  Fault fault_ = Fault::error;
  bool dead_ = false;
};

}  // namespace fair::test
