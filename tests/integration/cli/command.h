// Runs the built fair as a person would.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/json.h"

namespace fair::test {

struct Outcome {
  int status = -1;
  std::string out, err;
  [[nodiscard]] Json json() const { return Json::parse(out, nullptr, false); }
};

/// A folder of its own for one test, and fair run in it with a workspace called w.
class Bench {
 public:
  Bench() {
    folder = std::filesystem::temp_directory_path() / ("fair-cli-" + std::to_string(getpid()) + "-" + std::to_string(counter()++));
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  ~Bench() {
    std::error_code error;
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    std::filesystem::remove_all(folder, error);
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  Outcome fair(const std::vector<std::string>& arguments, const std::string& environment = {}) const {
    std::string line = "cd '" + folder.string() + "' && FAIR_WORKSPACE=w " + environment + " '" + FAIR_PROGRAM + "'";
    for (const std::string& a : arguments) line += " '" + a + "'";
    line += " >out.txt 2>err.txt </dev/null";
    Outcome outcome;
    const int status = std::system(line.c_str());
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    outcome.out = read("out.txt"), outcome.err = read("err.txt");
    return outcome;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(folder / name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  [[nodiscard]] bool exists(const std::string& name) const { return std::filesystem::exists(folder / name); }

  std::filesystem::path folder;

 private:
  static int& counter() {
    static int n = 0;
    return n;
  }
};

}  // namespace fair::test
